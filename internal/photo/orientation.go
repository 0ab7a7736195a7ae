package photo

import (
	"bytes"
	"encoding/binary"
)

// orientation reads the orientation tag of a JPEG, PNG or WebP file; 1, as it
// is, where there is none.
func orientation(file []byte) int {
	exif := exifOf(file)
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	const header, entry = 8, 12
	if len(exif) < header {
		return 1
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < entry {
			return 1
		}
		const orientationTag, short = 0x0112, 3
		if order.Uint16(entries) == orientationTag && order.Uint16(entries[2:]) == short {
			if value := int(order.Uint16(entries[8:])); value >= 1 && value <= 8 {
				return value
			}
			return 1
		}
		entries = entries[entry:]
	}
	return 1
}

// exifOf finds the part of a file that tells of the picture; nil for none.
func exifOf(file []byte) []byte {
	switch {
	case bytes.HasPrefix(file, []byte{0xFF, 0xD8}):
		return jpegExif(file[2:])
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return chunk(file[8:], "eXIf", binary.BigEndian, 4)
	case len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return chunk(file[12:], "EXIF", binary.LittleEndian, 0)
	}
	return nil
}

// jpegExif is the first segment of the kind APP1 that begins with Exif.
func jpegExif(rest []byte) []byte {
	const app1, startOfScan = 0xE1, 0xDA
	for len(rest) >= 4 && rest[0] == 0xFF && rest[1] != startOfScan {
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || len(rest) < 2+size {
			return nil
		}
		if segment := rest[4 : 2+size]; rest[1] == app1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return segment
		}
		rest = rest[2+size:]
	}
	return nil
}

// chunk finds a chunk by its name, in a PNG (size, name, content, checksum) or
// RIFF file (name, size, content, padded to even).
func chunk(rest []byte, name string, order binary.ByteOrder, checksum int) []byte {
	const head = 8
	png := checksum > 0
	for len(rest) >= head {
		named, sized := rest[:4], rest[4:8]
		if png {
			named, sized = rest[4:8], rest[:4]
		}
		size := int64(order.Uint32(sized))
		if int64(len(rest)-head) < size {
			return nil
		}
		content := rest[head : head+size]
		if string(named) == name {
			return content
		}
		skip := head + size + int64(checksum)
		if !png {
			skip += size % 2
		}
		rest = rest[min(skip, int64(len(rest))):]
	}
	return nil
}
