/** How many executions started when. */

export interface Histogram {
  readonly from: string;
  readonly to: string;
  /** The length of each span; they follow each other from `from` on. */
  readonly seconds: number;
  readonly buckets: readonly {
    readonly total: number;
    readonly outcomes: Readonly<Partial<Record<string, number>>>;
  }[];
}
