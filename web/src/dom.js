// Parts of the page, by name.

export const part = (id) => document.getElementById(id);

export function on(id, event, then) {
  part(id).addEventListener(event, then);
}

/** What a group of radio buttons says. */
export function chosen(name) {
  return document.querySelector(`input[name=${name}]:checked`).value;
}

/** Presses a radio button, as a user would. */
export function choose(name, value) {
  const input = document.querySelector(`input[name=${name}][value=${value}]`);
  if (input.checked) return;
  input.checked = true;
  input.dispatchEvent(new Event('change', {bubbles: true}));
}

export function onChoice(name, then) {
  for (const input of document.querySelectorAll(`input[name=${name}]`)) {
    input.addEventListener('change', then);
  }
}

/** Calls back with each file that is chosen; returns what opens the dialog. */
export function pick(input, then) {
  input.addEventListener('change', () => {
    const [file] = input.files;
    input.value = '';
    if (file) then(file);
  });
  return () => input.click();
}
