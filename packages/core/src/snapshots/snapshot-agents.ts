/**
 * The agents of a snapshot: columns by row, and texts in the meta data.
 */
import { NO_SIGNAL } from '../agents/agent-signals.ts';
import { ABSENT, type AgentTable, DRAINING } from '../agents/agent-table.ts';
import { Interner } from '../support/interner.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import { type AgentsMeta, invalid } from './snapshot-meta.ts';
import { isTaintsText, TAINTS_KEY } from '../agents/taints.ts';
import type { WordReader, WordWriter } from './words.ts';

/** Appends the columns of all agents. @returns what belongs into the meta data */
export function writeAgents(agents: AgentTable, columns: WordWriter): AgentsMeta {
  const rows = agents.rowCount;
  columns.column(agents.state, rows);
  for (const total of agents.total) columns.column(total, rows);
  for (const lent of agents.lent) columns.column(lent, rows);
  const signals = agents.signals.names();
  for (const name of signals) columns.column(agents.signals.column(name), rows);
  const maxSlots: number[] = [];
  const slotLabels = agents.slots.map((slots) => {
    columns.column(slots.slotCount, rows);
    columns.column(slots.unitsPerSlot, rows);
    const stride = slots.slotCount.reduce((most, count) => Math.max(most, count), 0);
    maxSlots.push(stride);
    const renumbered = new Interner();
    for (let row = 0; row < rows; row++) {
      for (let slot = 0; slot < stride; slot++) {
        const label =
          slot < slots.maxSlots ? slots.labels.textOf(slots.labelOf[row * slots.maxSlots + slot]) : undefined;
        columns.word(label === undefined ? 0 : renumbered.intern(label));
      }
    }
    for (let row = 0; row < rows; row++) {
      for (let slot = 0; slot < stride; slot++) {
        columns.long(slot < slots.maxSlots ? slots.idleSinceMs[row * slots.maxSlots + slot] : 0);
      }
    }
    return textsOf(renumbered);
  });
  const attributes = writeAttributes(agents, columns);
  return {
    nowMs: agents.clock.nowMs,
    rowCount: rows,
    attributes,
    signals,
    cached: cachedItems(agents),
    slotLabels,
    maxSlots,
  };
}

/** Maps, because any text can be a key, `constructor` too. */
function writeAttributes(agents: AgentTable, columns: WordWriter): AgentsMeta['attributes'] {
  const perRow = Array.from(
    { length: agents.rowCount },
    (_, row) => new Map(Object.entries(agents.attributes.get(row))),
  );
  const keys = [...new Set(perRow.flatMap((attributes) => [...attributes.keys()]))].sort();
  return keys.map((key) => {
    const renumbered = new Interner();
    for (const attributes of perRow) {
      const value = attributes.get(key);
      columns.word(value === undefined ? 0 : renumbered.intern(value));
    }
    return [key, textsOf(renumbered)] as const;
  });
}

function cachedItems({ cached, rowCount }: AgentTable): AgentsMeta['cached'] {
  return cached.kinds().flatMap((kind) => {
    const rows = Array.from({ length: rowCount }, (_, row) => ({ row, items: cached.get(row, kind) }));
    const holding = rows.filter(({ items }) => items.length > 0);
    return holding.length === 0 ? [] : [{ kind, rows: holding }];
  });
}

/** Views of the columns of all agents, and what the meta data keeps of them. */
export interface AgentColumns {
  readonly nowMs: number;
  readonly states: Int32Array;
  readonly totals: readonly Int32Array[];
  readonly lent: readonly Int32Array[];
  readonly signals: readonly { readonly name: string; readonly values: Int32Array }[];
  readonly cached: AgentsMeta['cached'];
  readonly slots: readonly {
    readonly stride: number;
    readonly counts: Int32Array;
    readonly unitsPerSlot: Int32Array;
    readonly texts: readonly string[];
    readonly labels: Int32Array;
    readonly idleSinceMs: Float64Array;
  }[];
  readonly attributes: readonly {
    readonly key: string;
    readonly values: readonly string[];
    readonly ids: Int32Array;
  }[];
}

/** That the words are there is known before anything is made as large as the meta data says. */
export function readAgents(meta: AgentsMeta, scalars: readonly string[], words: WordReader): AgentColumns {
  const { rowCount: rows } = meta;
  return {
    nowMs: meta.nowMs,
    states: words.column('state of row', rows, ABSENT, DRAINING),
    totals: scalars.map((name) => words.column(`${name} of row`, rows, 0, MAX_UNITS)),
    lent: scalars.map((name) => words.column(`lent ${name} of row`, rows, 0, MAX_UNITS)),
    signals: meta.signals.map((name) => ({
      name,
      values: words.column(`signal ${name} of row`, rows, NO_SIGNAL, MAX_UNITS),
    })),
    cached: meta.cached,
    slots: meta.maxSlots.map((stride, set) => ({
      stride,
      counts: words.column('slot count of row', rows, 0, stride),
      unitsPerSlot: words.column('units per slot of row', rows, 0, MAX_UNITS),
      texts: meta.slotLabels[set],
      labels: words.column('slot label', rows * stride, 0, meta.slotLabels[set].length),
      idleSinceMs: words.longColumn('idle time of slot', rows * stride, meta.nowMs),
    })),
    attributes: meta.attributes.map(([key, values]) => ({
      key,
      values: key === TAINTS_KEY ? values.map(requireTaints) : values,
      ids: words.column('attribute value of row', rows, 0, values.length),
    })),
  };
}

export function loadAgents(columns: AgentColumns, agents: AgentTable): void {
  agents.clock.nowMs = columns.nowMs;
  const { states, totals, lent, signals, cached, slots, attributes } = columns;
  for (let row = 0; row < states.length; row++) {
    agents.add({
      scalars: Int32Array.from(totals, (column) => column[row]),
      slots: slots.map(({ counts, unitsPerSlot }) => {
        if (counts[row] > 0 && unitsPerSlot[row] === 0) invalid(`agent ${row} has slots without units`);
        return { slots: counts[row], unitsPerSlot: unitsPerSlot[row] };
      }),
      attributes: Object.fromEntries(
        attributes
          .filter(({ ids }) => ids[row] !== 0)
          .map(({ key, values, ids }) => [key, values[ids[row] - 1]]),
      ),
    });
    slots.forEach(({ stride, texts, labels, idleSinceMs }, set) => {
      const table = agents.slots[set];
      for (let slot = 0; slot < table.slotCount[row]; slot++) {
        const label = labels[row * stride + slot];
        table.labelOf[row * table.maxSlots + slot] = label === 0 ? 0 : table.labels.intern(texts[label - 1]);
        table.idleSinceMs[row * table.maxSlots + slot] = idleSinceMs[row * stride + slot];
      }
      table.refresh(row);
    });
    lent.forEach((column, r) => {
      if (column[row] + totals[r][row] > MAX_UNITS) invalid(`agent ${row} lends more than it can`);
      agents.lent[r][row] = column[row];
      agents.surplus[r][row] = column[row];
    });
    for (const { name, values } of signals) agents.signals.column(name)[row] = values[row];
    if (states[row] === DRAINING) agents.setState(row, DRAINING);
  }
  for (const { kind, rows } of cached) {
    for (const { row, items } of rows) {
      if (row >= states.length) invalid(`${kind} items are kept for row ${row}, which is not there`);
      agents.cached.replace(row, kind, items);
    }
  }
  for (let row = states.length - 1; row >= 0; row--) if (states[row] === ABSENT) agents.remove(row);
  for (const slots of agents.slots) slots.watchLabels(states.length);
}

function requireTaints(text: string): string {
  return isTaintsText(text) ? text : invalid('the taints of an agent cannot be read');
}

function textsOf(interner: Interner): string[] {
  return Array.from({ length: interner.size - 1 }, (_, i) => interner.textOf(i + 1)!);
}
