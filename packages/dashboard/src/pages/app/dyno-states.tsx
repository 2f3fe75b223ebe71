import type { Dyno } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { Said } from '../../parts/said.tsx';
import { Status, type Tone } from '../../parts/status.tsx';

const tones: Readonly<Record<string, Tone>> = { up: 'good', starting: 'calm', crashed: 'bad', down: 'warn' };

/** How dynos are, in words: `up`, `crashed`. In English they are those of logs and of `heroku ps`. */
export const DynoStates = ({ dynos }: { readonly dynos: readonly Dyno[] }) => {
  const { number } = useWording();
  const states = [...Map.groupBy(dynos, ({ state }) => state)];
  return (
    <span className="states">
      {states.map(([state, those]) => (
        <Status key={state} tone={tones[state] ?? 'calm'}>
          <span>
            <Said text={state} />
            {those.length > 1 && ` × ${number(those.length)}`}
          </span>
        </Status>
      ))}
    </span>
  );
};
