// The key of member codes: non-extractable, in IndexedDB. The browser may lose it (iOS after seven days): then it is asked for again.
import { bytesOf, keyOf } from "./totp.js";

const NAME = "quantong-card", STORE = "keys";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function done(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode), request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

// The key that this page's card is made with: the one kept, if it is still that of the session, else the one asked for.
// `place` tells districts apart, `print` one key from the next; `ahead` is by how much the server's clock is ahead of ours.
export async function cardOf(place, print, url) {
  const kept = await done("readonly", (store) => store.get(place)).catch(() => undefined);
  if (kept?.print === print) return kept;
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`code-key: ${answer.status}`);
  const { key, ...told } = await answer.json();
  const card = { ...told, key: await keyOf(bytesOf(key)), ahead: aheadOf(answer) };
  await done("readwrite", (store) => store.put(card, place)).catch(() => {});
  return card;
}

export function aheadOf(answer) {
  const date = Date.parse(answer.headers.get("Date"));
  return Number.isNaN(date) ? 0 : date + 500 - Date.now(); // the header's seconds are cut
}
