/** Sample-ratio mismatches: time until detection, and frequency of false alarms. */
import { sampleRatioEvidence, defaultConcentration } from '../../src/analysis/statistics/sample-ratio.js';
import type { Figure } from '../table.js';
import { frequencyInWords, hoursInWords, quantile } from './measuring.js';
import { Random } from './random.js';
import { hours, requestsPerHour } from './rollout.js';

const alpha = 0.001;
const settings = { concentration: defaultConcentration, dispersion: 1 };

export function measureSplit(): Figure[] {
  const cases: [number, number, string][] = [
    [0.5, 0.505, 'about 87 h'],
    [0.5, 0.52, 'about 6 h'],
    [0.01, 0.012, 'about 23 h'],
  ];
  const detection = cases.map(([planned, real, aim]) => {
    const found = run(planned, real, 1000);
    const what = `${100 * planned} % planned, ${100 * real} % real: half of rollouts detected after`;
    return { what, measured: hoursInWords(quantile(found, 0.5)), aim };
  });
  const falseAlarms = [0.5, 0.01].map((planned) => {
    const found = run(planned, planned, 4000).filter((hour) => hour !== null).length;
    const what = `${100 * planned} % planned and real: false alarms`;
    return { what, measured: frequencyInWords(found, 4000), aim: `<= ${alpha}` };
  });
  return [...detection, ...falseAlarms];
}

function run(planned: number, real: number, rollouts: number): (number | null)[] {
  const random = new Random(3);
  return Array.from({ length: rollouts }, () => {
    const counts = { candidateShare: planned, baseline: 0, candidate: 0 };
    for (let hour = 1; hour <= hours; hour += 1) {
      const requests = random.binomial(requestsPerHour, real);
      counts.candidate += requests;
      counts.baseline += requestsPerHour - requests;
      if (sampleRatioEvidence([counts], settings) >= Math.log(1 / alpha)) return hour;
    }
    return null;
  });
}
