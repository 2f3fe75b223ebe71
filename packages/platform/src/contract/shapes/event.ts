import { timestamp } from './complete.ts';

export interface EventFacts {
  readonly id: number;
  readonly xact: string;
  readonly at: Date;
  readonly resource: string;
  readonly action: string;
  readonly resourceId: string | null;
  readonly appId: string | null;
  readonly appName: string | null;
  readonly actorId: string | null;
  readonly actorEmail: string | null;
  readonly via: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One change, as `/events` and `/audit-events` tell it; docs/api.md says what `data` holds. */
export interface ChangeEvent {
  /** Grows with time; also the Last-Event-ID and the `before` of a list. */
  readonly id: string;
  readonly at: string;
  readonly resource: string;
  readonly action: string;
  readonly resource_id: string | null;
  readonly app: { readonly id: string; readonly name: string | null } | null;
  /** Null: the platform by itself. */
  readonly actor: { readonly id: string; readonly email: string | null; readonly via: string | null } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export const eventId = ({ xact, id }: { readonly xact: string; readonly id: number }): string => `${xact}-${id}`;

/** The position that an id names, or undefined when it is none. */
export const readEventId = (text: string): { xact: string; id: number } | undefined => {
  const [, xact, id] = /^(\d{1,19})-(\d{1,15})$/.exec(text) ?? [];
  return xact === undefined || id === undefined ? undefined : { xact, id: Number(id) };
};

export const eventShape = (event: EventFacts): ChangeEvent => ({
  id: eventId(event),
  at: timestamp(event.at),
  resource: event.resource,
  action: event.action,
  resource_id: event.resourceId,
  app: event.appId === null ? null : { id: event.appId, name: event.appName },
  actor: event.actorId === null ? null : { id: event.actorId, email: event.actorEmail, via: event.via },
  data: event.data,
});
