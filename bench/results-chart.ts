import type { Measurement } from './measure';

const CONNECTIONS = 32;

const LABEL_WIDTH = 190;
const BAR_WIDTH = 400;
const ROW_HEIGHT = 26;
const TOP = 48;

interface Bar {
  readonly label: string;
  readonly ratio: number;
}

/** Requests/s as multiples of the typical application. It has a background of its own. */
export function toChart(measurements: readonly Measurement[]): string {
  const bars = measurements.flatMap(toBar);
  const height = TOP + bars.length * ROW_HEIGHT + 16;
  const scale = BAR_WIDTH / Math.max(1, ...bars.map(({ ratio }) => ratio));
  const typicalX = LABEL_WIDTH + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 ${height}" font-family="sans-serif" font-size="13" role="img" aria-label="Requests per second against a typical Nest application">
<style>
text { fill: #1f2328 } .page { fill: #ffffff } .bar { fill: #2f81f7 } .line { stroke: #6e7781; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .page { fill: #0d1117 } .line { stroke: #8b949e } }
</style>
<rect class="page" width="660" height="${height}" rx="6"/>
<text x="12" y="20" font-weight="bold">Requests/s, ${CONNECTIONS} connections: times a typical Nest application</text>
<text x="${round(typicalX)}" y="38" text-anchor="middle" font-size="11">typical = 1</text>
${bars.map((bar, index) => drawBar(bar, TOP + index * ROW_HEIGHT, scale)).join('\n')}
<line class="line" x1="${round(typicalX)}" x2="${round(typicalX)}" y1="${TOP - 4}" y2="${height - 12}"/>
</svg>
`;
}

function toBar({ work, database, connections, results }: Measurement): Bar[] {
  const rateOf = (name: string) =>
    results.find(({ contender }) => contender === name)?.requestsPerSecond;
  const [own, typical] = [rateOf('this'), rateOf('typical')];
  if (connections !== CONNECTIONS || own === undefined || typical === undefined) return [];
  return [{ label: `${work.name}, ${database}`, ratio: own / typical }];
}

function drawBar({ label, ratio }: Bar, y: number, scale: number): string {
  const width = round(ratio * scale);
  const end = ratio < 1 ? Math.max(width, round(scale)) : width; // right of the line, not across it
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${y + 14}" text-anchor="end">${label}</text>`,
    `<rect class="bar" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="18" rx="3"/>`,
    `<text x="${LABEL_WIDTH + end + 6}" y="${y + 14}">${ratio.toFixed(2)}</text>`,
  ].join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
