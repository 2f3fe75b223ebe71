/** Makes a queue: what is given to it runs one after the other, whatever comes of each. */
export const oneAtATime = (): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.catch(() => {}).then(work);
    last = next;
    return next;
  };
};

/** Makes queues, one for each key: what is given for one key runs one after the other. */
export const oneAtATimeEach = <K>(): (<T>(key: K, work: () => Promise<T>) => Promise<T>) => {
  const last = new Map<K, Promise<unknown>>();
  return (key, work) => {
    const next = (last.get(key) ?? Promise.resolve()).catch(() => {}).then(work);
    last.set(key, next);
    const forget = (): void => void (last.get(key) === next && last.delete(key));
    next.then(forget, forget);
    return next;
  };
};
