// Writes the vectors beside this file, so that the tests need no Node: node vectors.mjs
// What Node's own decoder and querystring make of bytes and queries is what the replaced service made of them.
import { parse, stringify } from 'node:querystring';
import { writeFileSync } from 'node:fs';

let seed = 20261123;
const random = (n) => {
  // xorshift32: the same vectors on every run.
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % n;
};
const pick = (list) => list[random(list.length)];
const write = (name, lines) => writeFileSync(new URL(name, import.meta.url), lines.join('\n') + '\n');
const hex = (number, digits) => number.toString(16).toUpperCase().padStart(digits, '0');
const units = (text) => [...Array(text.length).keys()].map((i) => hex(text.charCodeAt(i), 4)).join('');
const decoded = (bytes) => Buffer.from(bytes).toString('utf8');

// Every pair of bytes, as ranges: what becomes of them is A (an ASCII byte), R (U+FFFD) or C (a character of two bytes).
const shape = (pair) => {
  const text = decoded(pair);
  return [...text].map((c) => (c === '\uFFFD' ? 'R' : c.codePointAt(0) < 0x80 ? 'A' : 'C')).join('');
};
const ranges = (from, shapeOf) => {
  const found = [];
  for (let i = from; i < 256; i++) {
    const shaped = shapeOf(i);
    const last = found.at(-1);
    if (last && last.shaped === shaped) last.to = i;
    else found.push({ from: i, to: i, shaped });
  }
  return found;
};
const second = (first) => ranges(0, (b) => shape([first, b])).map((r) => `${hex(r.from, 2)}-${hex(r.to, 2)}=${r.shaped}`).join(' ');
write('utf8-pairs.txt', ranges(0, second).map((r) => `${hex(r.from, 2)}-${hex(r.to, 2)}: ${r.shaped}`));

// Longer pieces: mostly bytes at the borders of the UTF-8 table.
const borders = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
const leads = [0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xc2];
const pieces = new Set(['EDA080', 'EDBFBF', 'E28080', 'F09F9880', 'F4908080', 'F0808080', 'C080', 'E0809F', 'F09F98', 'F5808080']);
while (pieces.size < 1500) {
  const piece = [pick(leads)];
  for (let n = 2 + random(4); n > 0; n--) {
    piece.push(random(4) ? pick(borders.slice(2, 8)) : random(5) ? pick(borders) : random(256));
  }
  pieces.add(piece.map((b) => hex(b, 2)).join(''));
}
write('utf8-pieces.txt', [...pieces].map((p) => `${p} ${units(decoded(Buffer.from(p, 'hex')))}`));

// Queries, what they say, and how they are written again without s.
const names = ['p', 'k', 'd1', 'd2', 'url', 's', 'a', 'x', '0', '1', '42', '7', '01', '10', '4294967294', '4294967295',
  '4294967296', '99999999999', '-1', '1.5', '', '%70', '%73', 'P', 'x[0]', 'x[]', '__proto__', 'constructor', 'toString',
  'length', 'a+b', 'a%20b', '%C3%A5', '%c3', '%', '%4', 'amp;k', '%31', '%E2%82%AC'];
const values = ['', '1', 'click', 'a+b', 'a%20b', '%2B', '%', '50%', '%zz', '%4', '%%41', '%4%41', '%C3%A5', '%c3%a5', '%ff',
  '%ED%A0%80', '%F0%9F%98%80', '%f0%9f%98', 'a=b', '==', 'https://shop.example/a,b@c:$', 'https%3A%2F%2Fx.example%2F',
  "!'()*-._~", '"<>\\^`{|}', '[x];y,z', '%00', '%0D%0A', '%26', '%3D', '%25', '%2525', '%EF%BF%BD', '?', '/', 'A%41%61'];
const piece = () => {
  const form = random(12);
  if (form === 0) return '';
  if (form === 1) return pick(names);
  if (form === 2) return '=' + pick(values);
  let value = pick(values);
  while (random(4) === 0) value += pick(values);
  return pick(names) + '=' + value;
};
const asked = { p: 'p', k: 'k', d1: 'd1', url: 'url', a: 'a', s: 's' };
const vector = (query) => {
  const all = parse(query);
  const first = {};
  for (const name of Object.keys(asked)) {
    if (name in all) first[name] = Array.isArray(all[name]) ? all[name][0] : all[name];
  }
  const signatures = all.s === undefined ? 0 : Array.isArray(all.s) ? all.s.length : 1;
  delete all.s;
  return JSON.stringify({ query, canonical: stringify(all), first, signatures });
};
const queries = ['', '&', '=', '&&', '?', 'p', 'p=', '=p', 'p==', 's', 's=', 'p=1&p=2', 's=1&s=2', '%73=1&s=2', 'b=1&a=2&b=3',
  '7=a&42=b&0=c&x=d&1=e', '10=a&9=b', '4294967295=a&4294967294=b', 'a&b&c', '&a=1&&b=2&', 'p=1;k=2', 'p=1&amp;k=2'];
for (let i = 0; i < 400; i++) {
  queries.push(Array.from({ length: 1 + random(9) }, piece).join('&'));
}
for (const count of [998, 999, 1000, 1001]) {
  queries.push('&'.repeat(count) + 'p=1');
  queries.push('&'.repeat(count - 1) + 's=1&k=2');
  queries.push('x&'.repeat(count) + 'p=1&s=2');
  queries.push('p=1&' + '&'.repeat(count - 2) + 's=1');
}
write('queries.jsonl', queries.map(vector));

// Locations. The rules are those of docs: what a URL may hold stays, a valid escape stays, a % that begins none is found by
// looking two characters on, and then what was looked at is encoded with it.
const notKept = /[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]|%[^0-9A-Fa-f]|%[0-9A-Fa-f][^0-9A-Fa-f]|%$/gu;
const location = (url) => url.replace(notKept, encodeURI);
const bits = ['%', '%%', '%4', '%41', '%zz', '%2g', '%[', '%]', '%1[', '[', ']', '%1%', 'a', 'B', '0', ' ', '"', '<', '>', '\\', '^', '`',
  '{', '|', '}', '\u00e5', '\u65e5', '\ud83d\ude00', '\u0000', '\r\n', '\u007f', '\ufffd', '#', '?', '&', '=', '~', "'", '(', '!', '*', '@',
  '%\u00e5', '%a\u00e5', '%\ud83d\ude00', '%c3%a5'];
const urls = ['https://github.com', ...bits.map((b) => 'https://x.example/' + b), ...bits.map((b) => `https://x.example/${b}x`)];
for (let i = 0; i < 300; i++) {
  urls.push('https://x.example/' + Array.from({ length: 1 + random(8) }, () => pick(bits)).join(''));
}
write('locations.jsonl', urls.map((url) => JSON.stringify({ url, location: location(url) })));
