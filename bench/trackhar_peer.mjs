// Runs TrackHAR over one HAR with its indicator matching: node trackhar_peer.mjs HAR INDICATORS.json PACKAGE
// PACKAGE is the folder of the installed package. Prints what it found, as JSON.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , harFile, indicatorFile, folder] = process.argv;
const { main } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
const trackhar = await import(pathToFileURL(`${folder}/${main}`).href);

const har = JSON.parse(readFileSync(harFile, 'utf8'));
const indicatorValues = JSON.parse(readFileSync(indicatorFile, 'utf8'));
const results = await trackhar.process(har, { indicatorValues });

const found = results.filter((result) => result !== undefined && result.length > 0);
const byIndicator = found.flat().filter((datum) => datum.adapter === 'indicators');
console.log(JSON.stringify({ entries: results.length, matched: found.length, byIndicator: byIndicator.length }));
