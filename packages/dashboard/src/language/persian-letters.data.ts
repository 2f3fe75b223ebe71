/** What Persian is written with, as a `unicode-range`: the font of these comes with the page, that of other Arabic letters when one is seen. */
export const persianLetters =
  'U+060C, U+061B, U+061F, U+0621-063A, U+0640-0652, U+0654, U+066A-066C, U+067E, U+0686, U+0698, U+06A9, U+06AF, U+06C0, U+06CC, U+06F0-06F9, U+200C-200F';
