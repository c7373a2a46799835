"""Real photographs through the whole of Kadam, uploaded by boto3 and the AWS CLI under nasty keys, compared with Pillow.

Called by photos.ts with the folder of photographs and a folder to work in; the endpoint is in the environment. It makes
20-odd files of 0.1 to 50 megapixels in six formats with encoders that are not Kadam's, uploads each with a recipe of its
own (a sidecar), waits for the manifest, and compares every output with what Pillow makes of the same file.
"""

import glob
import io
import json
import os
import subprocess
import sys
import time

import boto3
import numpy
from PIL import Image, ImageCms, ImageOps, ImageSequence

Image.MAX_IMAGE_PIXELS = None
IN, OUT = 'kadam-input', 'kadam-output'
RECIPE = b"""
steps: [autoOrient]
outputs:
  - { name: same, formats: [png] }
  - name: small
    steps: [resize: { width: 320 }]
    formats: [jpeg: { quality: 95, chromaSubsampling: '4:4:4' }, webp: { quality: 95 }, avif: { quality: 80, effort: 2 }, gif, tiff]
"""
ICC = '/usr/share/color/icc/ghostscript'
# Mean difference of 8-bit channels that is let pass: of the same pixels; of pixels that were scaled; of those that were
# coded with losses after that (at these qualities Pillow's own WebP and AVIF differ by up to 4.4 from what they are given);
# of those in 256 colours.
SAME, SCALED, CODED, PALETTE = 1.5, 4.0, 6.5, 9.0


def profile(name):
    path = f'{ICC}/{name}.icc'
    return open(path, 'rb').read() if os.path.exists(path) else None


def scaled(photo, megapixels):
    factor = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
    return photo.resize((round(photo.width * factor), round(photo.height * factor)), Image.LANCZOS)


def oriented(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def with_alpha(photo):
    ramp = Image.linear_gradient('L').resize(photo.size)
    return Image.merge('RGBA', (*photo.split(), ramp))


def moving(photo, frames):
    """Frames that differ much: the photograph, shifted."""
    data = numpy.asarray(photo)
    return [Image.fromarray(numpy.roll(data, index * photo.width // frames, axis=1)) for index in range(frames)]


def magick(photo, path, *options):
    """What Pillow cannot write: 16 bits, tiles."""
    photo.save(f'{path}.ppm')
    subprocess.run(['convert', f'{path}.ppm', *options, path], check=True)
    os.remove(f'{path}.ppm')


def cases(photos, folder):
    """Key, file, maker, frames of an animation, pages of a document."""
    def photo(index, megapixels):
        return scaled(Image.open(photos[index % len(photos)]).convert('RGB'), megapixels)

    def save(index, megapixels, change=lambda image: image, **options):
        return lambda path: change(photo(index, megapixels)).save(path, **options)

    def animation(index, megapixels, count, **options):
        def make(path):
            first, *rest = moving(photo(index, megapixels), count)
            first.save(path, save_all=True, append_images=rest, **options)
        return make

    def cmyk(image):
        return ImageCms.profileToProfile(image, f'{ICC}/srgb.icc', f'{ICC}/default_cmyk.icc', outputMode='CMYK')

    def adobe(image):
        return ImageCms.profileToProfile(image, f'{ICC}/srgb.icc', f'{ICC}/a98.icc', outputMode='RGB')

    has_profiles = os.path.isdir(ICC)
    yield 'a', 'orientation 6.jpg', save(0, 12, quality=92, exif=oriented(6)), 1, 1
    yield 'a/b', 'orientation 3.jpg', save(1, 5, quality=90, subsampling=0, exif=oriented(3)), 1, 1
    yield 'small & progressive.jpg', 'progressive.jpg', save(2, 0.1, quality=85, progressive=True), 1, 1
    yield 'grey+plus.jpg', 'grey.jpg', save(3, 2, lambda image: image.convert('L'), quality=90), 1, 1
    yield '50 % of it.jpg', 'huge.jpg', save(4, 50, quality=88), 1, 1
    if has_profiles:
        yield 'wide "gamut".jpg', 'adobe.jpg', save(5, 3, adobe, quality=95, icc_profile=profile('a98')), 1, 1
        yield "cmyk's.jpg", 'cmyk.jpg', save(6, 2, cmyk, quality=95, icc_profile=profile('default_cmyk')), 1, 1
        yield 'cmyk.tif', 'cmyk.tif', save(7, 2, cmyk, compression='tiff_lzw', icc_profile=profile('default_cmyk')), 1, 1
    yield 'fru\u0308h.png', 'plain.png', save(8, 4), 1, 1
    yield 'fr\u00fch.png', 'alpha.png', save(9, 2, with_alpha), 1, 1
    yield 'ключ/日本語 🏔.png', 'palette.png', save(10, 1, lambda image: image.quantize(64)), 1, 1
    yield '//double//slash.png', '16 bits.png', lambda path: magick(photo(0, 2), path, '-depth', '16', '-define', 'png:bit-depth=16', '-gamma', '0.9'), 1, 1
    yield '../dots/./x.webp', 'lossy.webp', save(1, 8, quality=85), 1, 1
    yield 'tab\tand~tilde.webp', 'lossless.webp', save(2, 1, with_alpha, lossless=True), 1, 1
    yield 'animated?x=1&y=2.webp', 'animated.webp', animation(3, 0.2, 12, duration=80, quality=90), 12, 1
    yield '#hash.gif', 'animated.gif', animation(4, 0.15, 10, duration=120, loop=0), 10, 1
    yield 'still;semi.gif', 'still.gif', save(5, 0.5, lambda image: image.quantize(128)), 1, 1
    yield f'{"k" * 800}.tif', 'pages.tif', animation(6, 1, 3, compression='tiff_lzw'), 1, 3
    yield '[tiled] {16}.tif', 'tiled.tif', lambda path: magick(photo(7, 6), path, '-depth', '16', '-define', 'tiff:tile-geometry=256x256', '-compress', 'Zip'), 1, 1
    yield '<big>.tif', 'big.tif', save(8, 20, big_tiff=True), 1, 1
    yield "it's.avif", 'plain.avif', save(9, 6, quality=80), 1, 1
    yield '\\back|slash^.avif', 'alpha.avif', save(10, 1, with_alpha, quality=80), 1, 1


def srgb(image):
    """One frame as RGBA in sRGB, upright."""
    image = ImageOps.exif_transpose(image)
    embedded = image.info.get('icc_profile')
    if embedded and image.mode in ('RGB', 'CMYK'):
        source = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        image = ImageCms.profileToProfile(image, source, ImageCms.createProfile('sRGB'), outputMode='RGB')
    if image.mode.startswith('I;16'):
        image = Image.fromarray((numpy.asarray(image) >> 8).astype('uint8'))
    return image.convert('RGBA')


def frames_of(data):
    image = Image.open(io.BytesIO(data))
    return image, [srgb(frame.copy()) for frame in ImageSequence.Iterator(image)]


def difference(one, other, background):
    """Mean difference over colour on a background; None where the sizes differ."""
    if one.size != other.size:
        return None
    flat = [Image.alpha_composite(Image.new('RGBA', image.size, background), image).convert('RGB') for image in (one, other)]
    a, b = (numpy.asarray(image, dtype='int16') for image in flat)
    return float(numpy.abs(a - b).mean())


def judge(name, data, originals, is_animation):
    """What is wrong with an output, or the largest mean difference."""
    image, frames = frames_of(data)
    kind = name.rsplit('.', 1)[1]
    expected = {'png': 'PNG', 'jpg': 'JPEG', 'webp': 'WEBP', 'avif': 'AVIF', 'gif': 'GIF', 'tiff': 'TIFF', 'tif': 'TIFF'}[kind]
    keeps = expected == 'TIFF' or (is_animation and expected in ('GIF', 'WEBP'))
    wanted = originals if keeps else originals[:1]
    if image.format != expected:
        return f'{image.format} instead of {expected}', 0
    if len(frames) != len(wanted):
        return f'{len(frames)} frames instead of {len(wanted)}', 0
    worst = 0.0
    for index, (frame, original) in enumerate(zip(frames, wanted)):
        if name.startswith('small'):
            # Scaled with its alpha multiplied in, as it has to be.
            height = round(original.height * 320 / original.width)
            if abs(frame.height - height) > 1 or frame.width != 320:
                return f'{frame.size} instead of 320 x {height}', 0
            original = original.convert('RGBa').resize(frame.size, Image.LANCZOS).convert('RGBA')
        if expected == 'GIF' and original.getextrema()[3][0] < 255:
            continue  # One bit of alpha: nothing to compare with.
        found = difference(original, frame, 'white')
        if found is None:
            return f'frame {index}: {frame.size} instead of {original.size}', 0
        worst = max(worst, found)
    limit = SAME if name.startswith('same') else {'TIFF': SCALED, 'GIF': PALETTE}.get(expected, CODED)
    return (f'differs by {worst:.2f}', worst) if worst > limit else (None, worst)


def upload(client, s3, index, key, path, folder):
    if index % 2 == 0:
        s3.put_object(Bucket=IN, Key=f'{key}.kadam.yml', Body=RECIPE)
        s3.upload_file(path, IN, key, ExtraArgs={'Metadata': {'kadam-recipe': 'sidecar'}})
        return
    recipe = os.path.join(folder, 'recipe.yml')
    open(recipe, 'wb').write(RECIPE)
    for source, target, options in ((recipe, f'{key}.kadam.yml', []), (path, key, ['--metadata', 'kadam-recipe=sidecar'])):
        # The low-level command: `aws s3 cp` would fold `//` and `..`, which are different keys.
        command = ['aws', 's3api', 'put-object', '--bucket', IN, '--key', target, '--body', source, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def manifest_of(s3, key, deadline):
    while time.time() < deadline:
        try:
            return json.loads(s3.get_object(Bucket=OUT, Key=f'{key}/sidecar/manifest.json')['Body'].read())
        except s3.exceptions.NoSuchKey:
            time.sleep(0.5)
    return {'status': 'no manifest', 'outputs': []}


def main():
    photos_folder, folder = sys.argv[1:3]
    photos = sorted(path for end in ('jpg', 'jpeg') for path in glob.glob(f'{photos_folder}/**/*.{end}', recursive=True))
    if not photos:
        sys.exit(f'Expected photographs (*.jpg) in {photos_folder} but found none. Name a folder with --photos.')
    s3 = boto3.client('s3')
    made = []
    for index, (key, name, make, frames, pages) in enumerate(cases(photos, folder)):
        path = os.path.join(folder, name)
        make(path)
        upload('', s3, index, key, path, folder)
        made.append((index, key, name, path, frames, pages))
    faults = 0
    for index, key, name, path, frames, pages in made:
        manifest = manifest_of(s3, key, time.time() + 600)
        original, originals = frames_of(open(path, 'rb').read())
        said = []
        if manifest['status'] != 'done' or len(manifest['outputs']) != 6:
            said.append(f"{manifest['status']}: {manifest.get('error')}")
        elif len(originals) != max(frames, pages):
            said.append(f'{len(originals)} frames were made instead of {max(frames, pages)}')
        worst = 0.0
        for output in manifest['outputs']:
            data = s3.get_object(Bucket=OUT, Key=output['key'], VersionId=output['versionId'])['Body'].read()
            short = output['key'].rsplit('/', 1)[1]
            fault, found = judge(short, data, originals, frames > 1)
            worst = max(worst, found)
            if fault:
                said.append(f'{short}: {fault}')
        faults += bool(said)
        size = f'{original.width * original.height / 1e6:5.1f} MP'
        shown = key if len(key) < 40 else f'{key[:12]}... ({len(key)} characters)'
        client = 'boto3' if index % 2 == 0 else 'aws'
        verdict = '; '.join(said) or f'ok, mean difference at most {worst:.2f}'
        print(f'{name:16} {size} {client:5} {shown!r:44} {manifest.get("decision", {}).get("target", "-"):6} {verdict}', flush=True)
    print(f'{len(made) - faults} of {len(made)} files came out right')
    sys.exit(1 if faults else 0)


main()
