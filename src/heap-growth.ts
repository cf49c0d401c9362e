import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * The size at which the young generation stops growing, in bytes: two semi-spaces of 16 MB, the default of
 * Node.js 20. By default they grow to 64 MB each on Node.js 24. With 8 MB, `GET /` took 5 % more CPU time
 * on Node.js 20.
 */
const YOUNG_GENERATION_BYTES = 2 * 16 * 1024 * 1024;

/**
 * How much the old generation may grow before its garbage is collected, in percent of what survived the
 * last collection. By default it grows from 50 to 200 MB. With 40, `GET /` took more CPU time on Node.js 20,
 * with 100 no more than measurements vary.
 */
const OLD_GENERATION_GROWTH = 100;

/**
 * Limits the memory of the heap. Imported before all other modules: while these load, the young
 * generation keeps its first size, because it would grow by 30 MB that an idle server never uses.
 *
 * V8 reads both flags whenever it decides about growth, on Node.js 20 and 24. Node.js calls it unsafe to change
 * flags of a running process; these only choose when garbage is collected, and a V8 that does not know
 * them says so and continues. `--max-semi-space-size` is read only when the process starts, where
 * `node dist/src/main.js` could not set it.
 */
setFlagsFromString(`--heap-growing-percent=${OLD_GENERATION_GROWTH}`);
setYoungGenerationGrowth(false);

/** Lets the young generation grow to its limit, when requests need it. */
export function growYoungGeneration(): void {
  setYoungGenerationGrowth(true);
  // Growth and shrinking are parts of a collection.
  new PerformanceObserver(() => {
    const youngGeneration = getHeapSpaceStatistics().find(
      ({ space_name: name }) => name === 'new_space',
    );
    const size = youngGeneration?.space_size ?? 0;
    setYoungGenerationGrowth(size < YOUNG_GENERATION_BYTES);
  }).observe({ entryTypes: ['gc'] });
}

function setYoungGenerationGrowth(mayGrow: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
}
