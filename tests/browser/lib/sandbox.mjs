// The pages and doors of the sandbox's counterparties, as a payer uses them.
import { ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { headed } from "./steps.mjs";

export const CARDS = {
  approved: "9999 0000 0000 0010",
  asked: "9999 0000 0000 0028",
  refused: "9999 0000 0000 0036",
};

// The card company's page: a test card is typed, and sent.
export async function payByCard(world, page, number) {
  await page.waitForURL(`${world.sandbox}/acquirer/checkout/pay/**`);
  await page.locator("#number").fill(number);
  await page.locator("#holder").fill("CHAN TAI MAN");
  await page.locator('button[value="pay"]').click();
}

// The card's bank asks for the code that it has sent.
export async function confirmCode(world, page) {
  await page.waitForURL(`${world.sandbox}/acquirer/acs/**`);
  const code = (await page.locator("#sent-code").textContent()).trim();
  await page.locator("#code").fill(code);
  await page.locator('button[value="confirm"]').click();
}

// A redirect to the wallet's page: pay there, and go back by its link.
export async function payInWalletPage(world, page, name) {
  await page.waitForURL(`${world.sandbox}/wallets/app/pay/**`);
  await payOnRequest(page, name);
  await page.getByRole("link", { name: "Go back to the payment page", exact: true }).click();
}

// A code is scanned with the phone in the payer's hand: the wallet app in a tab of its own.
export async function payInWalletApp(world, page, name, reference) {
  const phone = await page.context().newPage();
  await phone.goto(`${world.sandbox}/wallets/app`);
  const payment = phone.locator("dl").filter({ hasText: name }).first();
  await payment.getByRole("link").click();
  await phone.getByText(reference, { exact: true }).waitFor();
  await payOnRequest(phone, name);
}

async function payOnRequest(page, name) {
  await headed(page, name);
  await page.getByRole("button", { name: "Pay now", exact: true }).click();
  await page.getByText("This request is paid.", { exact: true }).waitFor();
}

// The payer's own device: what is asked is confirmed, and its token sent to the merchant.
export async function approveOnDevice(world, page, kind) {
  await page.waitForURL(`${world.sandbox}/devices/${kind}`);
  await page.getByRole("button", { name: "Approve with this device", exact: true }).click();
  await page.getByRole("button", { name: "Send it to the merchant", exact: true }).click();
}

// The paying bank signs an e-Cheque; answers the file as the payer downloads it.
export async function issueCheque(world, page, amount) {
  const bank = await page.context().newPage();
  await bank.goto(`${world.sandbox}/echeque/issue`);
  await bank.locator("#amount").fill(amount);
  const coming = bank.waitForEvent("download");
  await bank.getByRole("button", { name: "Sign and download", exact: true }).click();
  const download = await coming;
  const file = await readFile(await download.path());
  await bank.close();
  return file;
}

// The sandbox's clock goes on to the next time of day in Hong Kong, and does on the way what falls due.
export async function advanceTo(world, page, time) {
  const answer = await page.request.post(`${world.sandbox}/api/clock`, { data: { next_hong_kong_time: time } });
  ok(answer.ok(), `the clock: ${answer.status()} ${await answer.text()}`);
}
