/** The style of what only admin pages have. */
export const ADMIN_STYLE = `
.filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 0 1rem; align-items: end; }
.filters p { margin: 0 0 0.75rem; }
figure { margin: 0 0 2rem; }
figcaption { font-size: 1.125rem; font-weight: 600; }
.chart { display: block; width: 100%; height: 8rem; margin-top: 0.5rem; }
.chart .up { fill: var(--link); }
.chart .down { fill: var(--bad); }
.chart .line { stroke: var(--field); vector-effect: non-scaling-stroke; }
.axis { display: flex; justify-content: space-between; }
.axis.each span { flex: 1 1 0; text-align: center; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.25rem 0.5rem; border-top: 1px solid var(--line); text-align: right; font-weight: 400; }
th:first-child { text-align: left; }
ul.links { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; }
summary { color: var(--link); cursor: pointer; }
@media (forced-colors: active) { .chart path { fill: CanvasText; stroke: CanvasText; } }
`;
