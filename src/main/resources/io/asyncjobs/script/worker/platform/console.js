// What console has besides the levels: tables, clocks, counters, groups and assertions. Each line is one entry of the log.
'use strict';
(function ({ host, create, describe, isArray, console, group, freeze }) {
  const clocks = create(null), counts = create(null);
  const MOST_COLUMNS = 50;

  function label(given) {
    return given === undefined ? 'default' : String(given);
  }

  function taken(name) {
    const millis = host('millis') - clocks[name];
    return name + ': ' + millis.toFixed(3) + ' ms';
  }

  function cell(value) {
    return value === undefined ? '' : typeof value === 'string' ? value : describe(value);
  }

  function rowsOf(data) {
    const rows = [];
    if (data instanceof Map || data instanceof Set) {
      let index = 0;
      for (const entry of data) rows.push(data instanceof Map ? [String(index++), { Key: entry[0], Values: entry[1] }] : [String(index++), entry]);
    } else {
      for (const key of Object.keys(data)) rows.push([key, data[key]]);
    }
    return rows;
  }

  function table(data, columns) {
    if (typeof data !== 'object' || data === null) return console.log(data);
    const rows = rowsOf(data);
    const names = isArray(columns) ? columns.map(String) : [];
    let values = false;
    for (const [, row] of rows) {
      if (typeof row !== 'object' || row === null) values = true;
      else if (!isArray(columns)) for (const name of Object.keys(row)) if (names.length < MOST_COLUMNS && !names.includes(name)) names.push(name);
    }
    const lines = [['', ...names, ...(values ? ['Values'] : [])]];
    for (const [key, row] of rows) {
      const plain = typeof row !== 'object' || row === null;
      const line = [key, ...names.map((name) => (!plain && Object.hasOwn(row, name) ? cell(row[name]) : ''))];
      if (values) line.push(plain ? cell(row) : '');
      lines.push(line);
    }
    const widths = lines[0].map((_, i) => lines.reduce((most, line) => Math.max(most, line[i].length), 0));
    console.log(lines.map((line) => line.map((text, i) => text.padEnd(widths[i])).join(' | ').trimEnd()).join('\n'));
  }

  const more = {
    table,
    dir(value) {
      console.log(value);
    },
    assert(holds, ...values) {
      if (holds) return;
      if (typeof values[0] === 'string') values[0] = 'Assertion failed: ' + values[0];
      else values.unshift('Assertion failed');
      console.error(...values);
    },
    time(given) {
      const name = label(given);
      if (name in clocks) console.warn('console.time: "' + name + '" runs already');
      else clocks[name] = host('millis');
    },
    timeLog(given, ...values) {
      const name = label(given);
      if (name in clocks) console.log(taken(name), ...values);
      else console.warn('console.timeLog: there is no "' + name + '"; begin with console.time');
    },
    timeEnd(given) {
      const name = label(given);
      if (!(name in clocks)) return console.warn('console.timeEnd: there is no "' + name + '"; begin with console.time');
      console.log(taken(name));
      delete clocks[name];
    },
    count(given) {
      const name = label(given);
      counts[name] = (counts[name] ?? 0) + 1;
      console.log(name + ': ' + counts[name]);
    },
    countReset(given) {
      delete counts[label(given)];
    },
    group(...values) {
      if (values.length > 0) console.log(...values);
      group(1);
    },
    groupCollapsed(...values) {
      more.group(...values);
    },
    groupEnd() {
      group(-1);
    },
  };
  for (const name of Object.keys(more)) console[name] = freeze(more[name]);
})
