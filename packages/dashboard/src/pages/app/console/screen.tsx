import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Attachment, type RunEnd } from './attachment.ts';
import { strictDocument, strictly } from './strict-document.ts';

interface ScreenProps {
  readonly app: string;
  readonly command: string;
  readonly onDyno: (name: string) => void;
  readonly onEnd: (end: RunEnd) => void;
  /** The key that leads out of the terminal was pressed. */
  readonly onLeave: () => void;
}

/** A terminal in which one command runs, from when it is shown until it is not. */
export const Screen = (props: ScreenProps) => {
  const { t } = useWording();
  const { app, command } = props;
  const box = useRef<HTMLDivElement>(null);
  const told = useRef(props);
  told.current = props;
  const label = t('terminalOf', { command });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const terminal = openTerminal(element);
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    fit.fit();
    const attachment = new Attachment({
      app,
      command,
      size: terminal,
      onDyno: (name) => told.current.onDyno(name),
      onBytes: (bytes) => terminal.write(bytes),
      onEnd: (end) => {
        terminal.options.disableStdin = true;
        terminal.options.cursorBlink = false;
        told.current.onEnd(end);
      },
    });
    const encoder = new TextEncoder();
    terminal.onData((text) => attachment.type(encoder.encode(text)));
    terminal.onBinary((text) => attachment.type(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    terminal.onResize((size) => attachment.resize(size));
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.key !== 'F6') return true;
      event.preventDefault();
      if (event.type === 'keydown') told.current.onLeave();
      return false;
    });
    const observer = new ResizeObserver(() => fit.fit());
    observer.observe(element);
    terminal.focus();
    return () => {
      observer.disconnect();
      attachment.leave();
      terminal.dispose();
    };
  }, [app, command]);
  useEffect(() => {
    box.current?.querySelector('textarea')?.setAttribute('aria-label', label);
  }, [label]);
  return (
    <div className="console-screen">
      <div ref={box} className="console-cells" />
    </div>
  );
};

const openTerminal = (element: HTMLElement): Terminal => {
  const style = getComputedStyle(element);
  const terminal = new Terminal({
    documentOverride: strictDocument(),
    cursorBlink: true,
    fontFamily: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize),
    // Programs choose colours for a ground that they don't know.
    minimumContrastRatio: 4.5,
    // With it, what a keyboard on the screen inserts would be lost.
    screenReaderMode: !window.matchMedia('(pointer: coarse)').matches,
    scrollback: 5000,
    theme: { background: style.backgroundColor, foreground: style.color, cursor: style.color },
  });
  strictly(() => terminal.open(element));
  return terminal;
};
