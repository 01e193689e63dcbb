import types

import pytest
import tensorflow as tf

from heightnet_tf.training import strategies


def _strategy(task_type, task_id, jobs):
  resolver = types.SimpleNamespace(
    task_type=task_type,
    task_id=task_id,
    cluster_spec=lambda: types.SimpleNamespace(jobs=jobs),
  )
  return types.SimpleNamespace(cluster_resolver=resolver)


@pytest.mark.parametrize(
  ('task_type', 'task_id', 'jobs', 'chief'),
  [
    (None, None, [], True),
    ('worker', 0, ['worker'], True),
    ('worker', 1, ['worker'], False),
    ('worker', 0, ['chief', 'worker'], False),
    ('chief', 0, ['chief', 'worker'], True),
  ],
)
def test_one_process_is_the_chief(task_type, task_id, jobs, chief):
  strategy = _strategy(task_type, task_id, jobs)
  assert strategies.is_chief(strategy) == chief


def test_one_device_is_its_own_chief():
  assert not strategies.has_several_machines(strategies.local())
  assert strategies.is_chief(strategies.local())
  assert isinstance(strategies.local(), tf.distribute.Strategy)
