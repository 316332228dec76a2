// The card where the drawer of codes isn't installed.
import { keepFresh } from "./now.js";
import { showPictures } from "./pictures.js";

const pass = document.querySelector(".pass");
showPictures(pass);
keepFresh(pass);
