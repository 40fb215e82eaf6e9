/** Server-sent events out of chunks of text, as the HTML standard reads them. Pure. */

export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly data: string;
}

/** Feeds on text as it comes; gives the events that are complete, and calls none twice. */
export class EventReader {
  #rest = '';
  #id = '';
  #kind = '';
  #data: string[] = [];

  take(text: string): Told[] {
    const told: Told[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        const event = this.#complete();
        if (event) told.push(event);
      } else if (!line.startsWith(':')) {
        this.#field(line);
      }
    }
    return told;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') this.#id = value;
    else if (name === 'event') this.#kind = value;
    else if (name === 'data') this.#data.push(value);
  }

  #complete(): Told | null {
    const event = { id: this.#id, kind: this.#kind || 'message', data: this.#data.join('\n') };
    const found = this.#data.length > 0;
    this.#kind = '';
    this.#data = [];
    return found ? event : null;
  }
}
