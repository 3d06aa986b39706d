// Tells the page around this frame that the bank has its answer; what it was, only the API says.
window.parent.postMessage({ sandbox: "challenge answered" }, "*");
