// Reads a licence's code with the camera, where the browser can; the text field works everywhere.
const button = document.querySelector("[data-scan]");
const video = document.querySelector("[data-camera]");
const field = document.querySelector("#licence");

async function readsCodes() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function scan() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const stop = () => { stream.getTracks().forEach((track) => track.stop()); video.hidden = true; };
  addEventListener("pagehide", stop, { once: true });
  const look = async () => {
    if (video.hidden) return;
    const [code] = await detector.detect(video);
    if (!code) { requestAnimationFrame(look); return; }
    field.value = code.rawValue;
    stop();
    field.focus();
  };
  look();
}

if (button && await readsCodes()) {
  button.hidden = false;
  button.addEventListener("click", () => { if (video.hidden) scan().catch(() => { video.hidden = true; }); });
}
