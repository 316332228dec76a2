// What this browser keeps: which till it is, and the sales that wait. On disk before anybody is told so (`strict`).
const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("quantong-till", 1);
  request.onupgradeneeded = () => {
    const database = request.result;
    database.createObjectStore("settings");
    database.createObjectStore("waiting", { keyPath: "reference" });
    database.createObjectStore("refused", { keyPath: "reference" });
  };
  request.onsuccess = () => {
    request.result.onversionchange = () => request.result.close();
    resolve(request.result);
  };
  request.onerror = () => reject(request.error);
});

async function within(stores, mode, work) {
  const transaction = (await opened).transaction(stores, mode, { durability: "strict" });
  const request = work(transaction);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

export const setting = (name) => within(["settings"], "readonly", (t) => t.objectStore("settings").get(name));
export const keepSetting = (name, value) => within(["settings"], "readwrite", (t) => t.objectStore("settings").put(value, name));
/** Of what the next answer tells again; a disk that is full doesn't stop the till. */
export const noteSetting = (name, value) => keepSetting(name, value).catch(() => {});
export const forgetSetting = (name) => within(["settings"], "readwrite", (t) => t.objectStore("settings").delete(name));
export const keep = (sale) => within(["waiting"], "readwrite", (t) => t.objectStore("waiting").add(sale));
export const change = (sale) => within(["waiting"], "readwrite", (t) => t.objectStore("waiting").put(sale));
export const waiting = () => within(["waiting"], "readonly", (t) => t.objectStore("waiting").getAll());
export const refused = () => within(["refused"], "readonly", (t) => t.objectStore("refused").getAll());
export const done = (reference) => within(["waiting"], "readwrite", (t) => t.objectStore("waiting").delete(reference));
export const seen = (reference) => within(["refused"], "readwrite", (t) => t.objectStore("refused").delete(reference));
export const putAside = (sale, problem) => within(["waiting", "refused"], "readwrite", (t) => {
  t.objectStore("refused").put({ ...sale, problem });
  return t.objectStore("waiting").delete(sale.reference);
});
