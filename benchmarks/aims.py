"""Aims of the bundled model beside what was reached, for its card."""

# Ends the names of the changes of pixel size; the others are of light.
_SIZE = ' per pixel'


def markdown(left_out, changes, parity, *, factor):
  """Lays the aims out as a table, a row for each.

  Args:
    left_out: rows of benchmarks/left_out.py.
    changes: rows of benchmarks/bundled.py with a change, but for the first.
    parity: what bundle_main.py wrote of the files.
    factor: what the heights of the shipped model were multiplied by.

  Returns:
    Lines of Markdown.
  """
  lines = ['| aim | reached | |', '| --- | --- | --- |']
  for aim, figures, inside in [
    *_of_places(left_out, factor),
    *_of_start(left_out),
    *_of_changes(changes),
    *_of_int8(parity),
  ]:
    reached = '; '.join(
      f'{what} {value:{form}}' for what, value, form in figures
    )
    kept = all(inside(value) for _, value, _ in figures)
    lines.append(f'| {aim} | {reached} | {"yes" if kept else "**no**"} |')
  return '\n'.join(lines)


def _shipped(left_out, factor):
  """The rows whose heights were multiplied as those of the model are."""
  for row in left_out:
    _, _, told = row['name'].partition(', x ')
    # The start is not what is shipped.
    if float(told or 1) == factor and 'heightnet_tf' in row['name']:
      yield row


def _of_places(left_out, factor):
  rows = {
    row['name'].partition(', heightnet_tf')[0].replace(' left out', ''): row
    for row in _shipped(left_out, factor)
  }

  def figures(key, form):
    return [(place, row[key], form) for place, row in rows.items()]

  best = 'the better answer without an image'
  yield (
    f'A place left out: MAE (%) below {best}',
    figures('mae_m_percent', '+.0f'),
    lambda percent: percent < 0,
  )
  yield (
    f'RMSE (%) 15 below {best}',
    figures('rmse_m_percent', '+.0f'),
    lambda percent: percent <= -15,
  )
  yield (
    '70 to 90 % of errors in the 80 % interval',
    figures('coverage_80', '.2f'),
    lambda share: 0.7 <= share <= 0.9,
  )


def _of_start(left_out):
  (row,) = (row for row in left_out if row['name'] == 'all places, start alone')
  yield (
    'Made-up heights alone: RMSE (%) 10 below 0 m',
    [('all places', row['rmse_m_percent'], '+.0f')],
    lambda percent: percent <= -10,
  )
  yield (
    'Made-up heights alone: correlation 0.45',
    [('all places', row['correlation'], '.2f')],
    lambda correlation: correlation >= 0.45,
  )


def _of_changes(changes):
  sizes = [row for row in changes if row['name'].endswith(_SIZE)]
  light = [row for row in changes if row not in sizes]
  yield (
    'In other light: MAE (%) up by 10 at most',
    _percents(light),
    lambda percent: percent <= 10,
  )
  yield (
    'From other pixel sizes: MAE (%) within 20',
    _percents(sizes),
    lambda percent: abs(percent) <= 20,
  )


def _percents(changes):
  return [
    (row['name'].replace(_SIZE, ''), row['change_percent'], '+.1f')
    for row in changes
  ]


def _of_int8(parity):
  (row,) = (row for row in parity['files'] if 'int8' in row['file'])
  for aim, key, limit_m in [
    ('int8: MAE (m) changed by 0.1 at most', 'mae_change_m', 0.1),
    ('int8: the same from 20 m up by 0.5', 'tall_mae_change_m', 0.5),
  ]:
    yield (
      aim,
      [(row['file'], row[key], '+.3f')],
      lambda change_m, limit_m=limit_m: abs(change_m) <= limit_m,
    )
