"""The icons, as path data on a 20 x 20 grid, and the glyphs of the four results on 80 x 80."""

ICONS = {
    "sound": '<path d="M10 2.5l6.5 2.3v5c0 4-2.8 6.6-6.5 7.9-3.7-1.3-6.5-3.9-6.5-7.9v-5z"/><path d="M7 10l2.2 2.2L13.3 8"/>',
    "menu": '<path d="M3 6h14M3 10h14M3 14h14"/>',
    "home": '<path d="M3 9.5L10 3.5l7 6M5 8.5v8h10v-8"/>',
    "register": '<path d="M4 3h12v14H4zM10 6.5v7M6.5 10h7"/>',
    "issue": '<path d="M3 10h10M9.5 6.5L13 10l-3.5 3.5M16.5 4v12"/>',
    "trace": '<path d="M3 13.5c2-6 4.5-9 7-9s4 2 4 4.5-1.8 4.3-4 4.3-3-1.6-3-3 1-2.6 2.6-2.6M14.5 14l3 3"/>',
    "view": '<path d="M2 10c2.2-3.7 4.9-5.5 8-5.5s5.8 1.8 8 5.5c-2.2 3.7-4.9 5.5-8 5.5S4.2 13.7 2 10z"/><circle cx="10" cy="10" r="2.3"/>',
    "ledger": '<path d="M10 3v4M10 7L5.5 11v6M10 7l4.5 4v6M3 17h5M12 17h5"/>',
    "person": '<circle cx="10" cy="6.8" r="3.3"/><path d="M3.5 17c.7-3.8 3.2-5.5 6.5-5.5s5.8 1.7 6.5 5.5"/>',
    "travel": '<circle cx="10" cy="10" r="7"/><path d="M3 10h14M10 3c2.4 2 3.6 4.3 3.6 7s-1.2 5-3.6 7c-2.4-2-3.6-4.3-3.6-7S7.6 5 10 3z"/>',
    "custody": '<path d="M5 2.5h10v15H5z"/><circle cx="10" cy="8.3" r="2.6"/><path d="M7.5 14h5"/>',
    "licence": '<path d="M3 4h14v12H3zM6 8h8M6 11.5h4M13.5 11.2v2.3"/>',
    "customs": '<path d="M2.5 12h15l-2.3 4.5H5zM5 12V7h4v5M11 12V9h4v3"/>',
    "case": '<path d="M3 6.5h14v10H3zM7.5 6.5v-3h5v3M3 11h14"/>',
    "appeal": '<path d="M10 3v14M6 17h8M3.5 6h13M3.5 6L1.8 11h3.6zM16.5 6l-1.8 5h3.6z"/>',
    "policy": '<path d="M4 4h12v9H9l-4 4v-4H4z"/><path d="M8 7.3h4M8 9.8h2.5"/>',
    "audit": '<path d="M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5M7.5 10h5M7.5 13h5"/>',
    "open": '<circle cx="10" cy="10" r="6.5" stroke-dasharray="3 2.5"/>',
    "drop": '<path d="M10 3v9m-3.5-3.5L10 12l3.5-3.5M3 12.5v4h14v-4"/>',
    "clock": '<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l3 1.7"/>',
    "doubt": '<path d="M3 17L10 3.5 17 17z"/><path d="M10 8.5v4M10 14.7v.1"/>',
    "copy": '<path d="M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z"/>',
    "fail": '<path d="M5 5l10 10M15 5L5 15"/>',
    "note": '<circle cx="10" cy="10" r="7"/><path d="M10 9.3v4.4M10 6.5v.1"/>',
    "lock": '<path d="M4.5 9h11v8h-11zM7 9V6.5a3 3 0 016 0V9"/>',
    "print": '<path d="M6 7V3h8v4M4 7h12v6h-2M6 13H4M6 11h8v6H6z"/>',
}

GLYPHS = {
    "exact": '<circle cx="40" cy="40" r="35" fill="none" stroke="currentColor" stroke-width="4"/><circle cx="40" cy="40" r="25" fill="currentColor"/><path d="M28 41l8.5 8.5L53 32" fill="none" stroke="var(--surface)" stroke-width="5"/>',
    "strong": '<circle cx="40" cy="40" r="35" fill="none" stroke="currentColor" stroke-width="4"/><circle cx="40" cy="40" r="25" fill="none" stroke="currentColor" stroke-width="2"/><path d="M40 40V15a25 25 0 1 1-25 25z" fill="currentColor"/>',
    "inconclusive": '<circle cx="40" cy="40" r="35" fill="none" stroke="currentColor" stroke-width="4" stroke-dasharray="12 6"/><path d="M40 15a25 25 0 0 1 0 50z" fill="currentColor"/><path d="M40 15a25 25 0 0 0 0 50" fill="none" stroke="currentColor" stroke-width="2"/>',
    "none": '<circle cx="40" cy="40" r="35" fill="none" stroke="currentColor" stroke-width="4" stroke-dasharray="2 8" stroke-linecap="round"/><path d="M26 40h28" stroke="currentColor" stroke-width="4"/>',
}
