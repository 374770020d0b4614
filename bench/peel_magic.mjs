// CyberChef's Magic on samples: `node peel_magic.mjs CYBERCHEF SAMPLES DEPTH SECONDS`.
//
// One JSON line per sample: whether the canary is in what a proposed recipe gives, whether in what the first one
// gives, and the CPU seconds of Magic alone. Baking the recipes to look is not counted. A sample that takes more
// than SECONDS of CPU is ended: Magic itself has no limit.

import { readFileSync } from "node:fs";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const LOOK = 200; // ms between two looks at the CPU time

async function work() {
    const { default: chef } = await import(`${workerData}/src/node/index.mjs`);
    parentPort.postMessage({ ready: true });
    parentPort.on("message", async ({ hex, depth, canary }) => {
        const data = Buffer.from(hex, "hex");
        let options = [];
        try {
            const told = (await chef.magic(data, { depth })).value;
            if (Array.isArray(told)) options = told;
        } catch { /* an answer too: nothing */ }
        parentPort.postMessage({ found: options.length });
        const holds = [];
        for (const option of options) {
            try {
                const baked = await chef.bake(data, option.recipe);
                const bytes = Buffer.from(await baked.get("ArrayBuffer"));
                holds.push(bytes.includes(canary));
            } catch {
                holds.push(false);
            }
        }
        parentPort.postMessage({ opened: holds.includes(true), first: holds[0] === true });
    });
}

function worker(place) {
    return new Promise((resolve) => {
        const made = new Worker(new URL(import.meta.url), { workerData: place, stderr: true, stdout: true });
        made.once("message", () => resolve(made));
    });
}

async function main() {
    const [place, samples, depth, seconds] = process.argv.slice(2);
    const rows = readFileSync(samples, "utf8").trim().split("\n").map((line) => JSON.parse(line));
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
    let chef = await worker(place);
    for (const row of rows) {
        const start = used();
        let cpu = null;
        const answer = await new Promise((resolve) => {
            const clock = setInterval(() => {
                if (cpu === null && used() - start > Number(seconds)) { clearInterval(clock); resolve(null); }
            }, LOOK);
            const hear = (said) => {
                if (said.found !== undefined) { cpu = used() - start; return; }
                clearInterval(clock);
                chef.off("message", hear);
                resolve(said);
            };
            chef.on("message", hear);
            chef.postMessage({ hex: row.hex, depth: Number(depth), canary: row.canary });
        });
        if (answer === null) {
            await chef.terminate();
            chef = await worker(place);
            console.log(JSON.stringify({ id: row.id, opened: false, first: false, cpu: used() - start, ended: true }));
        } else {
            console.log(JSON.stringify({ id: row.id, ...answer, cpu }));
        }
    }
    await chef.terminate();
}

await (isMainThread ? main() : work());
