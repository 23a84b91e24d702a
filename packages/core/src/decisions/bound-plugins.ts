/**
 * Plug-ins of a class, bound to the present layout when they are first asked and prepared once per decision. Most
 * classes never ask all of theirs: an ordered index ranks by load without asking a calculator. Remembers
 * whom it asks, to name the one that throws.
 */
import type { ClusterView } from '../plug-ins/cluster-view.ts';
import type { Plugin } from '../plug-ins/plugin.ts';
import { requireBound } from '../plug-ins/plugin-check.ts';
import type { TaskClassView } from '../plug-ins/task-class-view.ts';

/** What binding needs, and the number of the decision being made. */
export interface Binding {
  readonly cluster: ClusterView;
  readonly task: () => TaskClassView;
  readonly clock: { readonly decision: number };
  /** To be told whom the class asks. */
  readonly ask: (plugin: Plugin) => void;
}

interface Bindable<B> extends Plugin {
  bind(cluster: ClusterView, task: TaskClassView): B;
}

export class BoundPlugins<B extends { prepare?(): void }> {
  declare private readonly plugins: readonly Bindable<B>[];
  declare private readonly method: keyof B & string;
  declare private readonly binding: Binding;
  declare private readonly bound: (B | undefined)[];
  /** Decision that a plug-in was last prepared for; Infinity for those that need no preparation. */
  declare private readonly preparedFor: number[];

  /** @param method - that a bound plug-in must have */
  constructor(plugins: readonly Bindable<B>[], method: keyof B & string, binding: Binding) {
    this.plugins = plugins;
    this.method = method;
    this.binding = binding;
    this.bound = plugins.map(() => undefined);
    this.preparedFor = plugins.map(() => -1);
  }

  /** A plug-in, bound and prepared. @throws what it throws, StowageError INVALID_PLUGIN */
  get(i: number): B {
    const { decision } = this.binding.clock;
    this.binding.ask(this.plugins[i]);
    const bound = this.bound[i] ?? this.#bind(i);
    if (this.preparedFor[i] < decision) {
      this.preparedFor[i] = decision;
      bound.prepare!();
    }
    return bound;
  }

  #bind(i: number): B {
    const { cluster, task } = this.binding;
    const bound = requireBound(this.plugins[i].bind(cluster, task()), this.method, this.plugins[i]);
    if (bound.prepare === undefined) this.preparedFor[i] = Infinity;
    return (this.bound[i] = bound);
  }
}
