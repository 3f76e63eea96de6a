import { text } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { TEXT_FORMAT } from '../../core/metrics/text-format.ts';
import { getMetrics } from './contract.ts';
import { addGauges, type GaugeParts } from './gauges.ts';

/** Serves the metrics of this process. Nothing without `METRICS_TOKEN`: the path then does not exist. */
export function metricsFeatures(parts: GaugeParts): readonly Feature[] {
  const { gauges } = parts;
  if (!gauges) return [];
  addGauges({ ...parts, gauges });
  const headers = { 'Content-Type': TEXT_FORMAT };
  return [
    {
      addRoutes: ({ add }) => add(getMetrics, async (c) => text(c, await gauges.text(), headers)),
    },
  ];
}
