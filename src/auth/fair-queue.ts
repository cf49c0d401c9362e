/**
 * A round-robin queue of nested groups: each call of {@link take} serves the next group, and within
 * it the next inner group. Items of an innermost group are served first in, first out. A group that
 * floods the queue delays only itself.
 */
export class FairQueue<T> {
  /** In the order of their turns, without empty groups. */
  private readonly groups = new Map<string, FairQueue<T>>();
  /** The items of an innermost group. */
  private readonly items: T[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** @param path the names of the groups of the item, the outermost first */
  add(item: T, [name, ...inner]: readonly string[]): void {
    this.count++;
    if (name === undefined) {
      this.items.push(item);
      return;
    }
    const group = this.groups.get(name) ?? new FairQueue<T>();
    this.groups.set(name, group);
    group.add(item, inner);
  }

  /** Removes and returns the item whose turn it is. */
  take(): T | undefined {
    if (this.count === 0) return undefined;
    this.count--;
    const [next] = this.groups;
    if (!next) return this.items.shift();
    const [name, group] = next;
    const item = group.take();
    this.groups.delete(name);
    if (group.size > 0) this.groups.set(name, group); // behind the others
    return item;
  }

  /**
   * Removes and returns the newest item of the largest group.
   * @param path the groups that are preferred among equally large ones
   */
  drop([preferred, ...inner]: readonly string[]): T | undefined {
    if (this.count === 0) return undefined;
    this.count--;
    const largest = this.largestGroup(preferred);
    if (!largest) return this.items.pop();
    const [name, group] = largest;
    const item = group.drop(name === preferred ? inner : []);
    if (group.size === 0) this.groups.delete(name);
    return item;
  }

  /** @returns false when the innermost group of the path does not contain the item */
  remove(item: T, [name, ...inner]: readonly string[]): boolean {
    const isRemoved =
      name === undefined ? this.removeItem(item) : this.removeFromGroup(name, item, inner);
    if (isRemoved) this.count--;
    return isRemoved;
  }

  private largestGroup(preferred: string | undefined): [string, FairQueue<T>] | undefined {
    let largest: [string, FairQueue<T>] | undefined;
    for (const entry of this.groups) {
      const [name, { size }] = entry;
      const excess = size - (largest?.[1].size ?? 0);
      // Among equally large groups, the one whose turn comes last has waited least.
      const wins = name === preferred || largest?.[0] !== preferred;
      if (excess > 0 || (excess === 0 && wins)) largest = entry;
    }
    return largest;
  }

  private removeItem(item: T): boolean {
    const index = this.items.indexOf(item);
    if (index >= 0) this.items.splice(index, 1);
    return index >= 0;
  }

  private removeFromGroup(name: string, item: T, inner: readonly string[]): boolean {
    const group = this.groups.get(name);
    if (!group?.remove(item, inner)) return false;
    if (group.size === 0) this.groups.delete(name);
    return true;
  }
}
