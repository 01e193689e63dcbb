"""Pairs in memory, for tests."""


class MemorySource:
  """Samples as a source; see `data.samples.Source`."""

  def __init__(self, samples, *, name='memory', version='1'):
    self.name = name
    self.version = version
    self.names = tuple(sample.name for sample in samples)
    self.groups = tuple(sample.group for sample in samples)
    self._samples = samples

  def __len__(self):
    return len(self._samples)

  def read(self, index):
    return self._samples[index]
