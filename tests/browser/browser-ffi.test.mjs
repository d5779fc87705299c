// Clicks through examples/browser-ffi in a real browser: the page and the server run one module, and have to agree to the byte.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { chromium } from "playwright-core";
import { findCommand, startDev } from "./harness.mjs";

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

suite("browser-ffi", () => {
  let server, browser, profile, page;
  const problems = [];

  before(async () => {
    server = await startDev("examples/browser-ffi");
    profile = mkdtempSync(join(tmpdir(), "molt-browser-"));
    const executablePath = findCommand(process.env.CHROMIUM, "chromium-headless-shell", "chromium", "google-chrome");
    assert.ok(executablePath, "no Chromium: install chromium-headless-shell, or set CHROMIUM to one");
    browser = await chromium.launchPersistentContext(profile, { executablePath, args: flags, headless: true, chromiumSandbox: false });
    browser.setDefaultTimeout(10_000);
    page = browser.pages()[0] ?? await browser.newPage();
    page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(server.url);
    await page.getByText("Loaded shop 1.0.0.").waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (profile) rmSync(profile, { recursive: true, force: true });
  });

  const text = (id) => page.locator(`#${id}`).textContent();

  /** Submits the order, waits for the verdict and returns what both sides had. */
  async function quote() {
    await page.getByRole("button", { name: "Quote in both places" }).click();
    await page.locator("#verdict:not(:empty)").waitFor();
    return {
      verdict: await text("verdict"),
      page: await text("page-bytes"),
      server: await text("server-bytes"),
      value: await text("page-value"),
    };
  }

  test("Quote_WhenPageAndServerRunIt_IsByteForByteEqual", async () => {
    const result = await quote();
    assert.equal(result.verdict, "Byte for byte equal: 42 bytes.");
    assert.equal(result.page, "98 af 5a 6f c3 ab 20 c3 85 6e 67 73 74 72 c3 b6 6d 0a cd 28 00 cd 04 00 cd 01 ea cd 25 ea cb 40 90 00 00 00 00 00 00 92 00 03");
    assert.equal(result.server, result.page);
    assert.deepEqual(JSON.parse(result.value), {
      customer: "Zoë Ångström", pieces: 10, subtotal: 10240, discount: 1024, shipping: 490, total: 9706, average: 1024,
      delivery: { tag: "days", value: 3 },
    });
  });

  test("Quote_WhenTheOrderChanges_StaysEqual", async () => {
    await page.getByLabel("Customer").fill("名前");
    await page.getByLabel("Quantity 2").fill("6");
    await page.getByLabel("Coupon").selectOption("free shipping");
    await page.getByLabel("Express").check();
    const result = await quote();
    assert.match(result.verdict, /^Byte for byte equal: \d+ bytes\.$/);
    assert.equal(result.server, result.page);
    const value = JSON.parse(result.value);
    assert.deepEqual([value.pieces, value.discount, value.shipping, value.average], [9, 0, 0, (3 * 2599 + 6 * 349) / 9]);
  });

  test("Quote_WhenTheOrderIsNotWhatItsSchemaSays_NamesThePlace", async () => {
    await page.getByLabel("Quantity 1").fill("1000");
    assert.match((await quote()).verdict, /\$\.lines\[0\]\.quantity/);
    await page.getByLabel("Quantity 1").fill("3");
  });

  test("Greet_WhenGranted_ReachesThePage", async () => {
    await page.getByRole("button", { name: "Greet" }).click();
    await page.getByText("Hello, Ada, from One module, two hosts!").waitFor();
  });

  test("Greet_WhenNotGranted_HasStatus6", async () => {
    await page.getByLabel("Grant acme.greeter").uncheck();
    await page.getByRole("button", { name: "Greet" }).click();
    await page.getByText(/^CapabilityDenied \(status 6\)/).waitFor();
  });

  test("Page_WhenUsed_ReportsNoErrors", () => {
    assert.deepEqual(problems, []);
  });
});
