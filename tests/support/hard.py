"""Names and texts that are hard to show: HTML, templates, other directions of writing, no place to break, no end."""

NAMES = (
    "<script>document.title = 'run'</script>",
    '"><img src=http://reports.example/x.png onerror=alert(1)>',
    "</style></title></svg><iframe src=http://reports.example>",
    "<!-- ",
    "{{ 7 * 7 }}",
    "&amp;",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "日本語のとても長いラベルの名前です🙂" * 4,
    "שאלות על חיובים ותשלומים",
    "استفسار عن حالة الطلب (2)",
    "\u202eturned around",
    "a" * 300,
    "-1",
)
