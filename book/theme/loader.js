// mdBook knows classic scripts only: this one brings in the page's modules, js/main.js.
//
// Browsers load no modules from file://. There, pages stay the plain HTML that they are without
// scripts, with the same sources and recorded results; any web server shows them alive.
'use strict';

if (location.protocol === 'file:') {
    document.documentElement.dataset.server = 'static';
} else if (document.currentScript instanceof HTMLScriptElement) {
    import(new URL('../../js/main.js', document.currentScript.src).href);
}
