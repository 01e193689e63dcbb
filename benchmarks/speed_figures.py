"""What benchmarks/speed.py works out of its measurements; no files but tables.

A row is a dict: `name`, `value`, and whatever else is known: `ours` and `peer`
(seconds or what `unit` says), `share_of_ceiling`, `peak_mb`, `how`.
"""

import math
import statistics

import numpy as np

BEGIN, END = '<!-- speed.py: begin -->', '<!-- speed.py: end -->'


_LEGEND = """Medians of five turns taken side by side; the value of a row is
how many times faster we are, or what its last column says. Networks have equal
numbers of trained parameters on both sides, operations are counted from the
network. The share is that of a 3 x 3 convolution alone in the same number
format, memory that of each side's process. Ours computes in what `--amp`
chooses here, the peer in whatever was fastest for it."""


def slope(sizes, values) -> float:
  """The exponent of growth: least squares through the logarithms.

  Args:
    sizes: what grows, at least two different ones.
    values: what it costs, one for each.

  Returns:
    1 where twice the size costs twice as much.
  """
  return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def ratio(ours_s, peer_s) -> float:
  """How many times faster we are: the median over pairs taken side by side.

  Args:
    ours_s: seconds of each run.
    peer_s: the same of the peer, in the same order.
  """
  return statistics.median(
    theirs / own for own, theirs in zip(ours_s, peer_s, strict=True)
  )


def with_section(text, section) -> str:
  """Puts a section between its markers; at the end of a text without them."""
  marked = f'{BEGIN}\n{section.strip()}\n{END}'
  if BEGIN not in text:
    return f'{text.rstrip()}\n\n{marked}\n'
  before, _, rest = text.partition(BEGIN)
  return before + marked + rest.partition(END)[2]


def table(rows, reach) -> str:
  """Rows as a table in Markdown.

  Args:
    rows: as the module tells.
    reach: name to a pair of `least` or `most`, and the figure.
  """
  lines = [
    '| row | value | reach | ours | peer | share of ceiling | memory (MB) | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  for row in rows:
    cells = [
      f'`{row["name"]}`',
      shown(row.get('value')),
      _reach(row, reach.get(row['name'])),
      _with_unit(row, 'ours'),
      _with_unit(row, 'peer'),
      shown(row.get('share_of_ceiling')),
      ', '.join(str(mb) for mb in row.get('peak_mb', [])),
      row.get('how', ''),
    ]
    lines.append('| ' + ' | '.join(cells) + ' |')
  return '\n'.join(lines)


def told(row, reach) -> str:
  """One row as a line to print."""
  bound = _reach(row, reach.get(row['name'])).replace('*', '')
  told = f'{row["name"]}: {shown(row.get("value")) or "not measured"}'
  return f'{told}{f" ({bound})" if bound else ""}; {row.get("how", "")}'


def section(report, reach) -> str:
  """A report of rows as a section of RESULTS.md.

  Args:
    report: of `places.report`.
    reach: as `table` takes it.
  """
  return f"""## Speed and memory
`python benchmarks/speed.py`, {report['date']}, {report['processor']},
{report['machine']}. {_LEGEND}

{table(report['rows'], reach)}"""


def shown(value) -> str:
  """A figure in three digits; nothing for none."""
  if value is None:
    return ''
  if value == 0 or abs(value) >= 1000:
    return f'{value:.0f}'
  return f'{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}'


def reached(value, bound) -> bool:
  """Whether a value is where it should be.

  Args:
    value: a figure, or None where it could not be measured.
    bound: `least` or `most`, and the figure.
  """
  kind, limit = bound
  if value is None:
    return False
  return value >= limit if kind == 'least' else value <= limit


def _reach(row, bound):
  if bound is None:
    return ''
  sign = '>=' if bound[0] == 'least' else '<='
  missed = '' if reached(row.get('value'), bound) else ', **missed**'
  return f'{sign} {bound[1]:g}{missed}'


def _with_unit(row, side):
  if row.get(side) is None:
    return ''
  return f'{shown(row[side])} {row.get("unit", "s")}'
