// A chat app opens links in a browser of its own, which often has no camera: how to get to the real one.

import { element, say, show } from "./texts.js";

const APPS = /FBAN|FBAV|FB_IAB|Instagram|MicroMessenger|Telegram|WhatsApp|TikTok|Bytedance|\bLine\/|; wv\)/;

export function isInApp(agent = navigator.userAgent) {
  return APPS.test(agent) || (/iPhone|iPad/.test(agent) && !/Safari\//.test(agent) && !navigator.standalone);
}

/** Show the advice in such a browser when the camera is in trouble; at the start: when there is none to ask for. */
export function advise(trouble = navigator.mediaDevices?.getUserMedia ? null : "insecure") {
  show("in-app", Boolean(trouble) && isInApp());
}

export function setUpAdvice() {
  const address = element("in-app-link");
  const android = /Android/.test(navigator.userAgent);
  element("in-app-text").textContent = say(android ? "in-app-android" : "in-app-iphone");
  show("in-app-open", android);
  element("in-app-open").href = `intent://${location.host}${location.pathname}${location.search}${location.hash}#Intent;scheme=${location.protocol.slice(0, -1)};package=com.android.chrome;end`;
  address.value = location.href;
  element("in-app-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address.value);
    } catch {
      address.select();
      if (!document.execCommand("copy")) return; // it stays selected, to be copied by hand
    }
    element("in-app-copy").querySelector("span").textContent = say("copied");
  });
  advise();
}
