export interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly one: string;
  readonly two: string;
  readonly three: string;
}

export const palettes: readonly Palette[] = [
  { ground: '#f3e9d8', ink: '#2b2320', one: '#c8553d', two: '#588b8b', three: '#f2c078' },
  { ground: '#1f2a44', ink: '#f4ead5', one: '#e0a458', two: '#419d78', three: '#d8e1ff' },
  { ground: '#e4ede6', ink: '#1d3a33', one: '#2f6f5e', two: '#e2725b', three: '#a9c9a4' },
  { ground: '#5b1f2e', ink: '#f9e7d4', one: '#e8985e', two: '#b5446e', three: '#f4d6a0' },
  { ground: '#fbe3d0', ink: '#3a1f3d', one: '#7d4e8d', two: '#ef8354', three: '#f4b393' },
  { ground: '#12383f', ink: '#eef5ea', one: '#f2b134', two: '#3c8d8a', three: '#ed553b' },
  { ground: '#efe6f2', ink: '#26233f', one: '#4b5fa8', two: '#d97c9d', three: '#b9b4de' },
];

/** Gives numbers from 0 up to 1, the same ones each time for the same book. */
export type Dice = () => number;

/** Draws on the upper part of a cover: 240 wide, 220 high. */
export type Motif = (palette: Palette, dice: Dice) => string;

export const motifs: readonly Motif[] = [mosaic, waves, sunrise, arches, rings, leaves];

function mosaic(palette: Palette, dice: Dice): string {
  const corners = [
    'M0 0H60A60 60 0 0 1 0 60Z',
    'M60 0V60A60 60 0 0 1 0 0Z',
    'M60 60H0A60 60 0 0 1 60 0Z',
    'M0 60V0A60 60 0 0 1 60 60Z',
  ];
  return Array.from({ length: 16 }, (_, index) => {
    const shape = corners[Math.floor(dice() * 4)];
    const at = `translate(${(index % 4) * 60} ${Math.floor(index / 4) * 60 - 20})`;
    return `<path transform="${at}" d="${shape}" fill="${colour(palette, dice)}"/>`;
  }).join('');
}

function waves(palette: Palette, dice: Dice): string {
  const sun = `<circle cx="${60 + dice() * 120}" cy="70" r="34" fill="${palette.three}"/>`;
  const bands = [palette.two, palette.one, palette.two, palette.one, palette.ground].map((fill, index) => {
    const y = 92 + index * 28;
    const shift = Math.round(dice() * 60);
    return `<path transform="translate(${-shift} 0)" d="M0 ${y}q20 -22 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V240H0Z" fill="${fill}"/>`;
  });
  return sun + bands.join('');
}

function sunrise(palette: Palette, dice: Dice): string {
  const x = 90 + dice() * 60;
  const bars = [0, 1, 2, 3].map(
    (bar) => `<rect y="${112 + bar * 15}" width="240" height="${3 + bar * 2}" fill="${palette.ground}"/>`,
  );
  const near = 150 + dice() * 30;
  return `<circle cx="${x}" cy="110" r="72" fill="${palette.one}"/>${bars.join('')}
    <path d="M0 ${near}C70 ${near - 60} 130 ${near + 40} 240 ${near - 8}V220H0Z" fill="${palette.two}"/>
    <path d="M0 206Q80 ${near + 5} 240 200V220H0Z" fill="${palette.three}"/>`;
}

function arches(palette: Palette, dice: Dice): string {
  const fills = [palette.one, palette.ground, palette.two, palette.three, palette.ground, palette.one];
  const shift = Math.round(dice() * 3);
  return fills
    .map((_, index) => {
      const half = 96 - index * 16;
      const fill = index % 3 === 1 ? palette.ground : fills[(index + shift * 2) % fills.length];
      return `<path d="M${120 - half} 220V${124}A${half} ${half} 0 0 1 ${120 + half} 124V220Z" fill="${fill}"/>`;
    })
    .join('');
}

function rings(palette: Palette, dice: Dice): string {
  const [x, y] = [70 + dice() * 100, 80 + dice() * 50];
  const circles = Array.from({ length: 9 }, (_, index) => {
    const stroke = [palette.one, palette.two, palette.three][index % 3];
    return `<circle cx="${x}" cy="${y}" r="${18 + index * 19}" fill="none" stroke="${stroke}" stroke-width="${9 - index * 0.6}"/>`;
  });
  return `${circles.join('')}<circle cx="${x}" cy="${y}" r="8" fill="${palette.ink}"/>`;
}

function leaves(palette: Palette, dice: Dice): string {
  return Array.from({ length: 20 }, (_, index) => {
    const [x, y] = [(index % 5) * 52 + 16, Math.floor(index / 5) * 56 + 32];
    const turn = Math.round(dice() * 4) * 45;
    return `<g transform="translate(${x} ${y}) rotate(${turn})"><path d="M0 -26Q20 0 0 26Q-20 0 0 -26Z" fill="${colour(palette, dice)}"/><path d="M0 -20V20" stroke="${palette.ground}" stroke-width="1.5"/></g>`;
  }).join('');
}

function colour(palette: Palette, dice: Dice): string {
  return [palette.one, palette.two, palette.three][Math.floor(dice() * 3)] ?? palette.one;
}
