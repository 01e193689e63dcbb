"""Ways to spread a run over devices and machines, by name."""

import tensorflow as tf


def local():
  """One device: the first GPU, or the CPU."""
  return tf.distribute.get_strategy()


def mirrored():
  """All GPUs of this machine, each with a copy of the model."""
  return tf.distribute.MirroredStrategy()


def multi_worker():
  """Several machines; each is told of the others by TF_CONFIG."""
  return tf.distribute.MultiWorkerMirroredStrategy()


def has_several_machines(strategy) -> bool:
  """Whether other processes take part in the run."""
  return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def is_chief(strategy) -> bool:
  """Whether this process is the one that writes the run's files."""
  resolver = strategy.cluster_resolver
  if resolver is None or resolver.task_type is None:
    return True
  return resolver.task_type == 'chief' or (
    resolver.task_type == 'worker'
    and resolver.task_id == 0
    and 'chief' not in resolver.cluster_spec().jobs
  )


STRATEGIES = {
  'local': local,
  'mirrored': mirrored,
  'multi_worker': multi_worker,
}
