// The portal's only script. Every page works without it; with it
//  - a payment's page turns to the result by itself (server-sent events, else asking now and then),
//  - the time left is counted down and announced, politely, at five minutes and one minute,
//  - a visitor who has just started a payment is taken on to the page of whoever carries it,
//  - copy, share and print buttons appear, and a button that starts something can be pressed once.
(() => {
  "use strict";

  // Waits between two questions, in milliseconds: quick at first, while a person looks at the page.
  const ASK = [[15, 2000], [24, 5000], [360, 15000]];
  const COPIED_MS = 2000;
  const MINUTE_MS = 60000;
  const PAGES_OF_THEIR_OWN = ["leave", "hand"];

  let stopWatching = () => {};
  let stopCounting = () => {};

  const main = () => document.getElementById("main");
  const announce = (text) => { document.getElementById("announcer").textContent = text; };

  // The page as it is now, in place of the page as it was. One place renders: the server.
  async function renew() {
    const before = main();
    const answer = await fetch(before.dataset.address, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error("status " + answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const after = page.getElementById("main");
    if (!after || !after.dataset.screen) throw new Error("not a payment's page");
    if (main() !== before) return;
    const other = after.dataset.screen !== before.dataset.screen;
    if (other && PAGES_OF_THEIR_OWN.includes(after.dataset.screen)) {
      // Such a page has a policy of its own for the form in it, which only a whole page brings.
      location.reload();
      return;
    }
    before.replaceWith(after);
    document.title = page.title;
    if (other) {
      announce(after.dataset.announce);
      const heading = after.querySelector("h1");
      if (heading) heading.focus();
      window.scrollTo({ top: 0 });
    }
    enhance();
  }

  const changed = (standing) =>
    standing.screen !== main().dataset.screen || String(standing.version) !== main().dataset.version;

  function ask() {
    let asked = 0;
    let timer = 0;
    const again = () => {
      let left = asked;
      const step = ASK.find(([times]) => (left -= times) < 0);
      if (step) timer = setTimeout(question, step[1]);
    };
    const question = async () => {
      asked += 1;
      try {
        const answer = await fetch(main().dataset.address + "/status", { cache: "no-store", credentials: "omit" });
        if (answer.ok && changed(await answer.json())) {
          await renew();
          return;
        }
      } catch { /* No answer: the next question may get one. */ }
      again();
    };
    again();
    return () => clearTimeout(timer);
  }

  function listen() {
    if (!window.EventSource) return ask();
    const source = new EventSource(main().dataset.address + "/events");
    let stop = () => source.close();
    const askInstead = () => {
      source.close();
      stop = ask();
    };
    source.addEventListener("payment", (event) => {
      const standing = JSON.parse(event.data);
      if (changed(standing)) {
        source.close();
        renew().catch(askInstead);
      } else if (standing.live !== "events") {
        askInstead();
      }
    });
    source.addEventListener("error", () => {
      // A browser opens a broken stream again by itself; one that was refused stays closed.
      if (source.readyState === EventSource.CLOSED) askInstead();
    });
    return () => stop();
  }

  function watch() {
    stopWatching();
    const how = main().dataset.live;
    stopWatching = how === "events" ? listen() : how === "poll" ? ask() : () => {};
  }

  function count() {
    stopCounting();
    const box = document.querySelector("[data-expires-in]");
    if (!box) return;
    const end = performance.now() + Number(box.dataset.expiresIn);
    const shown = box.querySelector("strong");
    let before = Infinity;
    const tick = () => {
      const left = Math.max(0, end - performance.now());
      const seconds = Math.ceil(left / 1000);
      shown.textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
      if (left <= 5 * MINUTE_MS && before > 5 * MINUTE_MS && before !== Infinity) announce(box.dataset.five);
      if (left <= MINUTE_MS && before > MINUTE_MS && before !== Infinity) announce(box.dataset.one);
      before = left;
      if (left === 0) {
        clearInterval(timer);
        // A moment later the server's clock agrees that the code is over.
        setTimeout(() => renew().catch(() => {}), 1000);
      }
    };
    const timer = setInterval(tick, 1000);
    tick();
    box.hidden = false;
    stopCounting = () => clearInterval(timer);
  }

  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const words = button.textContent;
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.copied;
        announce(button.dataset.copied);
        setTimeout(() => { button.textContent = words; }, COPIED_MS);
      });
    }
  }

  function shareButtons() {
    for (const button of document.querySelectorAll("[data-share]")) {
      const probe = new File([new Uint8Array(1)], button.dataset.shareName, { type: "image/png" });
      if (!navigator.canShare || !navigator.canShare({ files: [probe] })) continue;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const answer = await fetch(button.dataset.share, { credentials: "omit" });
        const file = new File([await answer.blob()], button.dataset.shareName, { type: "image/png" });
        navigator.share({ files: [file] }).catch(() => { /* The visitor closed the sheet. */ });
      });
    }
  }

  function printButtons() {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }
  }

  // Once, for a visitor who has just pressed "Continue": coming back finds a button.
  function goOn() {
    const way = document.querySelector("[data-go]");
    if (!way) return;
    history.replaceState(null, "", main().dataset.address);
    if (way.tagName === "FORM") way.submit();
    else location.assign(way.href);
  }

  function pressOnce() {
    for (const button of document.querySelectorAll("[data-once]")) {
      button.form.addEventListener("submit", (event) => {
        if (button.dataset.pressed) event.preventDefault();
        button.dataset.pressed = "yes";
      });
    }
  }

  function enhance() {
    watch();
    count();
    copyButtons();
    shareButtons();
    printButtons();
    pressOnce();
  }

  // A page that comes back from the browser's memory may be old, and its button pressed.
  window.addEventListener("pageshow", (event) => {
    for (const button of document.querySelectorAll("[data-once]")) delete button.dataset.pressed;
    if (event.persisted && main().dataset.address) renew().catch(() => {});
  });
  enhance();
  goOn();
  const fault = document.querySelector("[data-focus]");
  if (fault) fault.focus();
})();
