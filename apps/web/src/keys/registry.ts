/** One table of actions: buttons, shortcuts, the palette and the help all run and show the same object. */

export interface KeyAction {
  readonly id: string;
  readonly label: string;
  readonly section: 'Go to' | 'This page' | 'Appearance' | 'Help';
  /** As typed: `g e`, `/`, `?`, `mod+k`; none for an action of the palette only. */
  readonly keys?: string;
  readonly perform: () => void;
  /** Why it cannot be done now; it is shown then, and not done. */
  readonly disabled?: string | undefined;
}

const SEQUENCE_MS = 1200;

export class KeyRegistry {
  readonly #actions = new Map<string, KeyAction>();
  readonly #watchers = new Set<() => void>();
  #shown: readonly KeyAction[] = [];
  #pressed = '';
  #at = 0;
  /** Single keys can be switched off (WCAG 2.1.4); those with a modifier stay. */
  singleKeys = true;

  /** Raises for two actions on the same keys. Gives what takes it out again. */
  add(action: KeyAction): () => void {
    const rival = [...this.#actions.values()].find(
      (other) => other.keys && other.keys === action.keys && other.id !== action.id,
    );
    if (rival) throw new Error(`${action.id} and ${rival.id} both want the keys ${String(action.keys)}`);
    this.#actions.set(action.id, action);
    this.#tell();
    return () => {
      if (this.#actions.get(action.id) !== action) return;
      this.#actions.delete(action.id);
      this.#tell();
    };
  }

  get actions(): readonly KeyAction[] {
    return this.#shown;
  }

  onChange(hear: () => void): () => void {
    this.#watchers.add(hear);
    return () => this.#watchers.delete(hear);
  }

  /** True when an action was found for this key, alone or as the end of a sequence. */
  press(event: KeyboardEvent): boolean {
    const key = named(event);
    if (key === null) return false;
    const modified = key.startsWith('mod+');
    if (!modified && (!this.singleKeys || typesText(event.target))) return false;
    const sequence = Date.now() - this.#at < SEQUENCE_MS && this.#pressed ? `${this.#pressed} ${key}` : key;
    const action = this.#find(sequence) ?? this.#find(key);
    this.#pressed = action ? '' : key;
    this.#at = Date.now();
    if (!action || action.disabled !== undefined) return false;
    action.perform();
    return true;
  }

  #find(keys: string): KeyAction | undefined {
    return [...this.#actions.values()].find((action) => action.keys === keys);
  }

  #tell(): void {
    this.#shown = [...this.#actions.values()];
    this.#watchers.forEach((hear) => hear());
  }
}

export const registry = new KeyRegistry();

function named(event: KeyboardEvent): string | null {
  if (['Shift', 'Control', 'Meta', 'Alt'].includes(event.key) || event.altKey || event.isComposing)
    return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function typesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches('input:not([type=checkbox], [type=radio]), select, textarea, dialog *')
  );
}
