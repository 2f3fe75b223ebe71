import qrcode from 'qrcode-generator';

/** Light modules around it that readers need (ISO/IEC 18004, section 6.3.8). */
const quiet = 4;

/** A text as a QR code. */
export const QrCode = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const side = code.getModuleCount();
  const places = Array.from({ length: side }, (_, at) => at);
  const dark = places.flatMap((row) =>
    places.filter((column) => code.isDark(row, column)).map((column) => `M${column + quiet} ${row + quiet}h1v1h-1z`),
  );
  const whole = side + 2 * quiet;
  return (
    <svg
      className="qr-code"
      viewBox={`0 0 ${whole} ${whole}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={dark.join('')} />
    </svg>
  );
};
