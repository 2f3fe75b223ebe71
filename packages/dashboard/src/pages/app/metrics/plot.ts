import uPlot from 'uplot';
import type { Column } from './report.ts';

export interface Series {
  readonly label: string;
  readonly values: Column;
}

export interface PlotWish {
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** Unix times in seconds of the upright lines. */
  readonly marks: readonly number[];
  /** A value as it stands at the axis. */
  readonly write: (value: number) => string;
  readonly writeTime: (seconds: number) => string;
  /** How far apart values at the axis may be. */
  readonly steps: readonly number[];
}

const height = 200;
const axisWidth = 76;
/** Lines are told apart by their strokes too, not by colour alone; as in `.legend-line`. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [14, 5]];

/** Round numbers, and round numbers of bytes. */
export const decimalSteps = [0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((one) => [one, 2 * one, 5 * one]);
export const binarySteps = Array.from({ length: 28 }, (_, power) => 2 ** (power + 10));

/** The n-th line's place among colours and strokes, which come round again. */
export const strokeOf = (n: number): number => n % dashes.length;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const drawMarks = (plot: uPlot, marks: readonly number[]): void => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour('--soft');
  ctx.lineWidth = window.devicePixelRatio;
  ctx.setLineDash([3 * ctx.lineWidth, 3 * ctx.lineWidth]);
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
};

/** Samples with none beside them, of which no line can be drawn. */
const lonely: uPlot.Series.Points.Filter = (plot, n) => {
  const values = plot.data[n] ?? [];
  const isMeasured = (at: number): boolean => typeof values[at] === 'number';
  return [...values.keys()].filter((at) => isMeasured(at) && !isMeasured(at - 1) && !isMeasured(at + 1));
};

/** Draws lines over time into a box, which it fills as it grows; colours are those of the theme at that moment. */
export const draw = (box: HTMLElement, { at, series, marks, write, writeTime, steps }: PlotWish): uPlot => {
  const text = getComputedStyle(box);
  const font = `12px ${text.fontFamily}`;
  const axis = { stroke: colour('--soft'), font, ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, range: () => [at[0] ?? 0, at.at(-1) ?? 1] },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 80, size: 32, values: (_plot, times) => times.map(writeTime) },
        { ...axis, grid, size: axisWidth, space: 40, incrs: [...steps], values: (_plot, values) => values.map(write) },
      ],
      series: [
        {},
        ...series.map(({ label }, n) => ({
          label,
          stroke: colour(`--series-${strokeOf(n) + 1}`),
          width: 2,
          dash: [...(dashes[strokeOf(n)] ?? [])],
          points: { show: false, filter: lonely, size: 6, fill: colour(`--series-${strokeOf(n) + 1}`) },
        })),
      ],
      hooks: { drawClear: [(plot) => drawMarks(plot, marks)] },
    },
    [[...at], ...series.map(({ values }) => [...values])],
    box,
  );
};
