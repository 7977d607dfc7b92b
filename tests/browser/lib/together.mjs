// Several bills in one payment, and a bill that is for several things.
import { equal, ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import { chooseMethod, findBill, headed, payInBankApp } from "./steps.mjs";
import { LANGUAGES, grouped } from "./words.mjs";
import { NARROW } from "./world.mjs";

const KIND = "gdn-demand";

// Two bills of a kind are gathered, one of them for several things, and paid by one code: by keyboard where it is new.
async function twoBills(world) {
  const words = LANGUAGES.en;
  const page = await world.visitor();
  const [first, second] = [...world.billsOf(KIND)].slice(0, 2);
  ok(second, `two bills of kind ${KIND} are needed`);
  ok(await findBill(world, page, "en", second), "the consolidated bill is still to be paid");
  await page.getByRole("table", { name: "What this bill is for" }).waitFor();
  await page.getByText("Test Hall, 3 October 2026").waitFor();
  await judge(world, page, "together-1-consolidated", { language: words });
  ok(await findBill(world, page, "en", first), "the other bill is still to be paid");
  await page.getByRole("link", { name: "Pay other bills together with this one", exact: true }).click();
  await headed(page, "Pay several bills together");
  await judge(world, page, "together-2-one", { language: words });

  const told = async (fault, name) => {
    await page.getByRole("alert").getByRole("link", { name: fault, exact: true }).waitFor();
    equal(await page.locator(".fault").textContent(), `There is a problem: ${fault}`, `${name}: beside the field`);
    await judge(world, page, `together-mistake-${name}`, { language: words });
  };
  const add = async (number) => {
    await page.locator("#number").fill(number);
    await page.keyboard.press("Enter");
  };
  await add(first.number);
  await told("This bill is in this payment already", "twice");
  equal(await page.locator("#number").inputValue(), first.number, "what was typed is kept");
  await add("1");
  await told("General Demand Note number must be 13 digits", "too-short");

  const total = (Number(first.amount) + Number(second.amount)).toFixed(2);
  await add(second.number);
  await page.getByText(`$${grouped(total)}`, { exact: true }).waitFor();
  equal(await page.locator(".basket li").count(), 2);
  ok(!page.url().includes(second.number), "a bill's number never stands in an address");
  await judge(world, page, "together-3-two", { language: words });

  // A bill is taken away and added again, by keyboard.
  await page.getByRole("button", { name: /^Remove / }).last().focus();
  await page.keyboard.press("Enter");
  await page.getByText(`$${grouped(first.amount)}`, { exact: true }).first().waitFor();
  equal(await page.locator(".basket li").count(), 1);
  await add(second.number);
  await page.getByText(`$${grouped(total)}`, { exact: true }).waitFor();

  await page.getByRole("link", { name: words.continue, exact: true }).click();
  await page.waitForURL("**/en/method/**");
  await judge(world, page, "together-4-method", { language: words });
  await chooseMethod(page, "en");
  await headed(page, words.aboutToPay(words.money(total)));
  await page.getByRole("link", { name: "Change the bills", exact: true }).waitFor();
  await judge(world, page, "together-5-review", { language: words });
  await page.getByRole("button", { name: words.getCode, exact: true }).click();
  await headed(page, words.scan(words.money(total)));
  await payInBankApp(page, "en");
  await headed(page, words.received);
  await page.getByRole("link", { name: words.viewReceipt, exact: true }).click();
  await headed(page, words.receipt);
  await page.getByText(`HKD ${grouped(total)}`, { exact: true }).first().waitFor();
  for (const bill of [first, second]) {
    await page.getByText(`HKD ${grouped(bill.amount)}`, { exact: true }).first().waitFor();
    equal(await page.getByText(bill.number.slice(-4), { exact: false }).count() >= 2, true, "above, and beside its credit");
  }
  await judge(world, page, "together-6-receipt", { language: words });
}

// On the narrowest page nothing scrolls sideways, and the page works without script.
async function narrow(world) {
  const words = LANGUAGES["zh-hant"];
  const page = await world.visitor({ viewport: NARROW, javaScriptEnabled: false });
  for (const bill of world.billsOf("wsd-water")) {
    if (await findBill(world, page, "zh-hant", bill)) break;
  }
  await page.getByRole("link", { name: "連同其他帳單一併繳付", exact: true }).click();
  await headed(page, "一併繳付多張帳單");
  await judge(world, page, "together-narrow", { language: words, script: false });
}

export const together = [
  { name: "several bills are gathered and paid by one code, and the receipt names each", run: twoBills },
  { name: "繁體: bills are gathered on the narrowest page, without script", run: narrow },
];
