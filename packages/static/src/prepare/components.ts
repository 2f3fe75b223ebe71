/**
 * Groups nodes that lead to each other (a node alone is a group too), each group after all that it leads to.
 * @see R. Tarjan, Depth-first search and linear graph algorithms (1972); without recursion, for long chains
 */
export const components = (edges: ReadonlyMap<string, readonly string[]>): string[][] => {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const low = (node: string): number => lowest.get(node) ?? 0;

  const visit = (start: string): void => {
    const path = [enter(start)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const target = step.rest.pop();
      if (target === undefined) {
        path.pop();
        const parent = path.at(-1)?.node;
        if (parent !== undefined) lowest.set(parent, Math.min(low(parent), low(step.node)));
        if (low(step.node) === order.get(step.node)) groups.push(stack.splice(stack.lastIndexOf(step.node)).sort());
        if (low(step.node) === order.get(step.node)) for (const node of groups.at(-1) ?? []) onStack.delete(node);
      } else if (!order.has(target)) path.push(enter(target));
      else if (onStack.has(target)) lowest.set(step.node, Math.min(low(step.node), order.get(target) ?? 0));
    }
  };
  const enter = (node: string): { node: string; rest: string[] } => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, rest: [...(edges.get(node) ?? [])].filter((target) => edges.has(target)) };
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return groups;
};
