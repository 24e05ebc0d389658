"""The page's fonts: egui's own, without the characters that the app has no use for.

    pip install fonttools==4.68.0
    python crates/supcon-app/fonts/subset.py \
        ~/.cargo/registry/src/*/epaint_default_fonts-0.37.0/fonts

What stays: Latin, Greek and Cyrillic, for the names of folders and files; punctuation; the marks of
mathematics; arrows and shapes. Hinting stays, as it is what makes small text sharp.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = [
    (0x0020, 0x007E), (0x00A0, 0x017F), (0x0192, 0x0192), (0x0218, 0x021B), (0x02C6, 0x02DD),
    (0x0370, 0x03FF), (0x0400, 0x045F), (0x0490, 0x0491),
    (0x2010, 0x203A), (0x2044, 0x2044), (0x2070, 0x209F), (0x20AC, 0x20AC), (0x2100, 0x214F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x232F), (0x25A0, 0x25FF),
]
FONTS = {"Ubuntu-Light.ttf": "UFL.txt", "Hack-Regular.ttf": "Hack-Regular.txt"}
# Family, unique name, full name, name in PostScript, family and style as typographers see them.
POSTSCRIPT = 6
NAMES = (1, 3, 4, POSTSCRIPT, 16)


def smaller(font):
    options = subset.Options()
    options.drop_tables += ["DSIG", "TTFA", "VDMX", "hdmx"]
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    # What the fonts say of their copyright and licence stays in them.
    options.name_IDs = ["*"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in CHARACTERS for code in range(first, last + 1)])
    subsetter.subset(font)
    # The Ubuntu Font Licence asks for this addition to the name of a changed version.
    for record in font["name"].names:
        if record.nameID in NAMES:
            addition = " derivative supcon"
            if record.nameID == POSTSCRIPT:
                addition = addition.replace(" ", "-")
            record.string = record.toUnicode() + addition


def main():
    source, target = Path(sys.argv[1]), Path(__file__).parent
    for name, licence in FONTS.items():
        font = TTFont(source / name, recalcTimestamp=False)
        smaller(font)
        font.save(target / name)
        shutil.copyfile(source / licence, target / licence)
        print(f"{name}: {(source / name).stat().st_size} -> {(target / name).stat().st_size} bytes")


main()
