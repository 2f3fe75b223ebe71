import type { ReactNode } from 'react';
import { Menu as AriaMenu, Button, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { navigate } from '../routing/router.tsx';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  /** A page of the dashboard. */
  readonly to?: string;
  readonly onChoose?: () => void;
  readonly danger?: boolean;
}

interface MenuProps {
  /** Said of the button where its content doesn't say it. */
  readonly label: string;
  readonly button: ReactNode;
  readonly className: string;
  readonly entries: readonly MenuEntry[];
}

/** A button that opens a list of things to do. */
export const Menu = ({ label, button, className, entries }: MenuProps) => (
  <MenuTrigger>
    <Button className={className} aria-label={label}>
      {button}
    </Button>
    <Popover className="popover" placement="bottom end" offset={6}>
      <AriaMenu className="menu" aria-label={label}>
        {entries.map(({ id, label: text, to, onChoose, danger }) => (
          <MenuItem
            key={id}
            id={id}
            className={danger ? 'menu-item danger' : 'menu-item'}
            onAction={() => {
              onChoose?.();
              if (to !== undefined) navigate(to);
            }}
          >
            {text}
          </MenuItem>
        ))}
      </AriaMenu>
    </Popover>
  </MenuTrigger>
);
