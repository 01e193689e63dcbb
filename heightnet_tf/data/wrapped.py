"""Sources around sources: kept in memory, at another pixel size, joined."""

import dataclasses
import threading

from heightnet_tf.geo import resampling


class _WrappedSource:
  """A source that stands for another.

  Attributes:
    source: what is wrapped; name, version, names and groups are its own.
  """

  def __init__(self, source):
    self.name = source.name
    self.version = source.version
    self.names = source.names
    self.groups = source.groups
    self.source = source

  def __len__(self):
    return len(self.source)


class CachedSource(_WrappedSource):
  """Keeps decoded samples in memory until a byte budget is used up.

  What no longer fits is read anew each time: with every sample read once an
  epoch, throwing out an older one for it would win nothing.
  """

  def __init__(self, source, *, budget_bytes):
    """Starts empty.

    Args:
      source: samples.Source.
      budget_bytes: what the arrays kept may take together.
    """
    super().__init__(source)
    self._left_bytes = budget_bytes
    self._kept = {}
    self._lock = threading.Lock()

  def read(self, index):
    """Gives the sample at `index`; arrays are read-only once kept."""
    # Reading a dict needs no lock, and decoding must not be done under one.
    if index in self._kept:
      return self._kept[index]
    sample = self.source.read(index)
    need_bytes = sample.image.nbytes + sample.height_m.nbytes
    with self._lock:
      if index not in self._kept and need_bytes <= self._left_bytes:
        sample.image.setflags(write=False)
        sample.height_m.setflags(write=False)
        self._left_bytes -= need_bytes
        self._kept[index] = sample
    return sample


class ResizedSource(_WrappedSource):
  """Resizes every sample by a factor or to a ground size of its pixels."""

  def __init__(self, source, *, scale, gsd_m):
    """Wraps a source.

    Args:
      source: samples.Source.
      scale: factor on height and width.
      gsd_m: ground size of a pixel to come to, metres; it decides instead of
        `scale` for samples that know their own. None: `scale` for all.
    """
    super().__init__(source)
    self._scale = scale
    self._gsd_m = gsd_m

  def read(self, index):
    """Reads the sample at `index` and resizes image and heights alike."""
    sample = self.source.read(index)
    factor = self._scale
    if self._gsd_m and sample.gsd_m:
      factor = sample.gsd_m / self._gsd_m
    before = sample.height_m.shape
    after = resampling.scaled(before, factor)
    if after == before:
      return sample
    return dataclasses.replace(
      sample,
      image=resampling.resize_image(sample.image, after),
      height_m=resampling.sample_height(sample.height_m, after),
      gsd_m=sample.gsd_m and sample.gsd_m / factor,
    )


class JoinedSource:
  """The samples of several sources, one source after the other.

  Attributes:
    name: the names of the sources, joined by ' + '; so is version.
    names: of the samples.
    groups: of the samples; never shared between sources.
  """

  def __init__(self, sources):
    """Joins.

    Args:
      sources: samples.Source, at least one.
    """
    self.name = ' + '.join(source.name for source in sources)
    self.version = ' + '.join(source.version for source in sources)
    self.names = tuple(name for source in sources for name in source.names)
    self.groups = tuple(
      f'{number}:{group}'
      for number, source in enumerate(sources)
      for group in source.groups
    )
    self._places = [
      (source, index) for source in sources for index in range(len(source))
    ]

  def __len__(self):
    return len(self._places)

  def read(self, index):
    """Reads the sample at `index`, counted through all sources."""
    source, place = self._places[index]
    return source.read(place)


def innermost(source):
  """Undoes all wrapping: the source whose samples are as in the files."""
  while isinstance(source, _WrappedSource):
    source = source.source
  return source
