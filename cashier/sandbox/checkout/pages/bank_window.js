// Opens the bank's window once. Where that is not allowed, the button on the page does it.
if (!location.search) window.open(document.getElementById("openChallenge").href, "bank", "popup,width=480,height=560");
