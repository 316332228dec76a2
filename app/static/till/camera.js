// Reads QR and Code 128 from the camera. WebAssembly (zxing-cpp), loaded when the camera opens: no browser in China can be
// relied on for BarcodeDetector.
import { $, flaw, openPanel, words } from "./dom.js";

let reader;
async function load() {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing/reader/index.js");
  prepareZXingModule({ overrides: { locateFile: (name) => new URL(`../vendor/zxing/${name}`, import.meta.url).href } });
  return readBarcodes;
}

/** The text of the next code that is held before the camera; null if the cashier closes it. */
export async function lookForCode() {
  const panel = openPanel("camera-panel"), video = $("#video");
  let stream = null, isOpen = true;
  const closed = new Promise((resolve) => panel.addEventListener("close", () => { isOpen = false; resolve(null); }, { once: true }));
  flaw("#camera-flaw");
  try {
    reader ??= load();
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
    video.srcObject = stream;
    await video.play();
    const found = await Promise.race([closed, watch(video, await reader, () => isOpen)]);
    return found;
  } catch (error) {
    if (!isOpen) return null;
    reader = error.name === "NotAllowedError" || error.name === "NotFoundError" ? reader : undefined;
    flaw("#camera-flaw", words(error.name === "NotAllowedError" ? "camera-refused" : "camera-none"));
    return await closed;
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    if (panel.open) panel.close();
  }
}

async function watch(video, read, isOpen) {
  const canvas = document.createElement("canvas"), draw = canvas.getContext("2d", { willReadFrequently: true });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 120));
  while (isOpen()) {
    if (video.videoWidth) {
      Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
      draw.drawImage(video, 0, 0);
      const picture = draw.getImageData(0, 0, canvas.width, canvas.height);
      const [code] = await read(picture, { formats: ["QRCode", "Code128"], tryHarder: true, maxNumberOfSymbols: 1 });
      if (code?.text) return code.text;
    }
    await pause();
  }
  return null;
}
