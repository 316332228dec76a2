// Codes drawn by the server, for browsers that can't make them: without a secure context, or where the drawer isn't installed.
export function showPictures(pass) {
  const pictures = [["bars", "code128"], ["qr", "qr"]].map(([name, symbol]) => {
    const drawn = pass.querySelector(`svg.${name}`), picture = new Image();
    picture.className = `${name}-picture`;
    picture.alt = drawn.getAttribute("aria-label");
    drawn.replaceWith(picture);
    return [picture, symbol];
  });
  const draw = () => pictures.forEach(([picture, symbol]) => {
    picture.src = `${pass.dataset.picture}?symbol=${symbol}&at=${Math.floor(Date.now() / 20000)}`;
  });
  draw();
  setInterval(draw, 20000);
}
