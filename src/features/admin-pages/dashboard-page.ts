import { markup } from '../../core/http/markup.ts';
import type { DayCounts, Stats, StatsReader } from '../admin/stats.ts';
import type { Page } from '../pages/page.ts';
import { type Chart, chartOf, type Series } from './chart.ts';
import { DASHBOARD } from './paths.ts';
import { ADMIN_TEXTS, type AdminTexts, filled } from './texts/texts.ts';

/** The days of the charts. */
const DAYS = 30;
const STATES = ['waiting', 'sent', 'rejected', 'dead'] as const;

export const dashboardPages = ({ stats }: { readonly stats: StatsReader }): readonly Page[] => [
  {
    path: DASHBOARD,
    access: 'staff',
    async show({ locale }) {
      const texts = ADMIN_TEXTS[locale];
      const { title, about } = texts.dashboard;
      const content = markup`<p>${filled(about, { count: DAYS })}</p>
${chartsOf(await stats.read(DAYS), texts).map(chartOf)}`;
      return { title, content };
    },
  },
];

/** The charts of the dashboard. */
export function chartsOf(stats: Stats, { dashboard }: AdminTexts): readonly Chart[] {
  const days = stats.days.map(({ day }) => day);
  const seriesOf = (label: string, key: Exclude<keyof DayCounts, 'day'>): Series => ({
    label,
    values: stats.days.map((counts) => counts[key]),
  });
  const of = (title: string, slot: string) => ({
    title,
    table: { name: filled(dashboard.numbers, { title }), slot },
  });
  const ofDays = (id: string, title: string, series: Chart['series']): Chart => ({
    id,
    series,
    ...of(title, dashboard.day),
    summary: series
      .map(({ label, values }) => {
        const words = filled(dashboard.summary, {
          total: sum(values),
          max: Math.max(0, ...values),
        });
        return series.length === 1 ? words : `${label}: ${words}`;
      })
      .join(' '),
    slots: days,
    axis: [days[0] ?? '', days.at(-1) ?? ''],
  });
  const { signUps, logIns, succeeded, failed, activeSessions, lockouts, number } = dashboard;
  const counts = STATES.map((state) => stats.messages[state]);
  const states = STATES.map((state) => dashboard.states[state]);
  const labels = states.map((label, i) => `${label}: ${counts[i] ?? 0}`);
  return [
    ofDays('signups', signUps, [seriesOf(number, 'signUps')]),
    ofDays('logins', logIns, [seriesOf(succeeded, 'logIns'), seriesOf(failed, 'failedLogIns')]),
    ofDays('sessions', activeSessions, [seriesOf(number, 'activeSessions')]),
    ofDays('lockouts', lockouts, [seriesOf(number, 'lockouts')]),
    {
      id: 'messages',
      ...of(dashboard.messages, dashboard.state),
      summary: labels.join(', '),
      slots: states,
      series: [{ label: number, values: counts }],
      axis: states,
    },
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
