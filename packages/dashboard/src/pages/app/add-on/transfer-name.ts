import type { Transfer } from '../../../api/add-on-shapes.ts';

type Kind = Pick<Transfer, 'num' | 'from_type' | 'to_type'>;

/** As `heroku pg:backups` names it: `b001` is a backup, `r002` a restore, `c003` a copy. */
export const nameOfTransfer = ({ num, from_type: from, to_type: to }: Kind): string => {
  const letter = to === 'gof3r' ? 'b' : from === 'gof3r' ? 'r' : 'c';
  return `${letter}${String(num).padStart(3, '0')}`;
};
