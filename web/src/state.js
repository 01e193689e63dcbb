// What is open and what is shown of it.

export const state = {predictor: null, model: null,
  image: null, picture: null, gsdM: null,
  maps: null, coloured: null, topM: 1, has: null,
  line: null, profile: null, relief: null,
  job: 0, read: 0, running: false,
  layerOf: {map: 'heights', relief: 'image'}};
