// Pictures of what was measured: each a picture of bars, a group for each case and a bar for each server.
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { short, spread } from './figures.js';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const COLOURS = {
  rxchat: '#d6336c',
  nats: '#1c7ed6',
  redis: '#e8590c',
  inspircd: '#2f9e44',
  ngircd: '#74b816',
  ncat: '#868e96',
  plain: '#ced4da',
  book: '#b197fc',
  c: '#212529',
};

const PICTURES = [
  {
    file: 'rooms',
    title: 'Deliveries a second in a room, one sender',
    figure: 'perSecond',
    cases: { 'room-10': '10', 'room-100': '100', 'room-1000': '1,000', 'room-10000': '10,000 people' },
  },
  {
    file: 'direct',
    title: 'Deliveries a second, each sender to one other',
    figure: 'perSecond',
    cases: { 'direct-1': '1', 'direct-100': '100', 'direct-1000': '1,000 pairs' },
  },
  {
    file: 'pingpong',
    title: 'Lines a second of pairs who answer each other',
    figure: 'perSecond',
    cases: { 'pingpong-1': '1', 'pingpong-50': '50', 'pingpong-500': '500 pairs' },
  },
  {
    file: 'talkers',
    title: 'p99 in µs of one pair, beside a flood (less is better)',
    figure: 'p99',
    log: true,
    cases: {
      'beside-none': 'nobody',
      'beside-frozen': 'to one who never reads',
      'beside-fan': 'into a room of 100',
      'beside-many': '500 to one each',
    },
  },
  {
    file: 'memory',
    title: 'Bytes of memory for each of 10,000 who say nothing (less is better)',
    figure: 'perClient',
    cases: { 'idle-10000': '' },
  },
];

/** The pictures for which something was measured, as SVG. `results` has the results of each server in each case. */
export function pictures(results, versions) {
  return PICTURES.flatMap(({ file, title, figure, log = false, cases }) => {
    const measured = Object.keys(cases).filter((name) => results[name] !== undefined);
    if (measured.length < Object.keys(cases).length) return [];
    const value = (name, peer) => {
      const values = (results[name][peer]?.results ?? []).map((result) => result[figure]);
      return values.length > 0 ? spread(values).median : null;
    };
    const peers = Object.keys(versions).filter((peer) => measured.some((name) => value(name, peer) !== null));
    const series = peers.map((peer) => ({
      name: peer,
      type: 'bar',
      data: measured.map((name) => value(name, peer)),
      itemStyle: { color: COLOURS[peer] },
      label: {
        show: true,
        position: 'top',
        rotate: 60,
        align: 'left',
        fontSize: 9,
        formatter: ({ value: it }) => short(it),
      },
    }));
    return [{ file: `${file}.svg`, title, svg: draw(title, Object.values(cases), series, log) }];
  });
}

function draw(title, labels, series, log) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 900, height: 360 });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15, fontWeight: 'normal' } },
    legend: { bottom: 0, itemWidth: 12, itemHeight: 12 },
    grid: { top: 60, bottom: 60, left: 70, right: 30 },
    xAxis: { type: 'category', data: labels, axisTick: { show: false } },
    yAxis: {
      type: log ? 'log' : 'value',
      axisLabel: { formatter: short },
      splitLine: { lineStyle: { color: '#eee' } },
    },
    series,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
