// Checks the golden vectors with golang.org/x/mod/sumdb: notes, inclusion and consistency proofs, tiles.
// Usage: golden DATA. Prints what was checked; exits with 1 when the library disagrees with a vector.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Index, Size, Old, New int64
	Path                  []string
	Holds                 bool
}

type proofs struct {
	Roots                  map[string]string
	Inclusion, Consistency []proof
}

type vector struct {
	Kind, Name, Key string
	Files, Fails    []string
	Keys            map[string][]string
	Alter           map[string]int
	Remove          []string
	StricterThan    []string `json:"stricter_than"`
}

var wrong int

func expect(what string, holds, want bool) {
	if holds != want {
		fmt.Printf("%s: holds=%v, the vector says %v\n", what, holds, want)
		wrong++
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func readJSON(path string, into any) {
	data, err := os.ReadFile(path)
	must(err)
	must(json.Unmarshal(data, into))
}

// hashes gives ok=false when one is not of 32 bytes, which this library's types can't hold.
func hashes(path []string) (found []tlog.Hash, ok bool) {
	for _, text := range path {
		raw, err := hex.DecodeString(text)
		must(err)
		if len(raw) != tlog.HashSize {
			return nil, false
		}
		found = append(found, tlog.Hash(raw))
	}
	return found, true
}

func (p proofs) root(size int64) tlog.Hash {
	raw, err := hex.DecodeString(p.Roots[strconv.FormatInt(size, 10)])
	must(err)
	var hash tlog.Hash
	copy(hash[:], raw)
	return hash
}

func checkProofs(data string) int {
	var all proofs
	readJSON(filepath.Join(data, "proofs.json"), &all)
	for i, p := range all.Inclusion {
		path, ok := hashes(p.Path)
		leaf := tlog.RecordHash([]byte(fmt.Sprintf("entry %d", p.Index)))
		holds := ok && tlog.CheckRecord(path, p.Size, all.root(p.Size), p.Index, leaf) == nil
		expect(fmt.Sprintf("inclusion %d", i), holds, p.Holds)
	}
	checked := len(all.Inclusion)
	for i, p := range all.Consistency {
		if p.Old == 0 {
			continue // x/mod knows no empty tree to start from
		}
		path, ok := hashes(p.Path)
		holds := ok && tlog.CheckTree(path, p.New, all.root(p.New), p.Old, all.root(p.Old)) == nil
		expect(fmt.Sprintf("consistency %d", i), holds, p.Holds)
		checked++
	}
	return checked
}

// opened tells whether x/mod accepts a checkpoint under a key and reads its tree.
func opened(text []byte, key string) (tlog.Tree, bool) {
	verifier, err := note.NewVerifier(key)
	must(err)
	read, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, false
	}
	lines := strings.Split(read.Text, "\n")
	// tlog.ParseTree reads the checksum database's own origin only
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.Join(lines[1:], "\n")))
	return tree, err == nil && lines[0] == verifier.Name()
}

func checkNotes(data string, vectors []vector) (checked int) {
	for _, v := range vectors {
		if v.Kind != "checkpoint" || v.Name == "empty-log" {
			continue // an empty tree's hash is not one that TreeHash gives
		}
		text, err := os.ReadFile(filepath.Join(data, v.Files[0]))
		must(err)
		_, holds := opened(text, v.Key)
		want := !contains(v.Fails, "the checkpoint is signed by the log") || contains(v.StricterThan, "x/mod")
		expect("checkpoint "+v.Name, holds, want)
		checked++
	}
	return checked
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

type folder string

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// path writes a tile's place as C2SP tlog-tiles does, without the height.
func (f folder) path(tile tlog.Tile) string {
	parts := strings.SplitN(tile.Path(), "/", 3) // tile/8/LEVEL/INDEX
	return filepath.Join(string(f), parts[0], parts[2])
}

func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		read, err := os.ReadFile(f.path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, read)
	}
	return data, nil
}

// checkLog reads every entry of a published log and proves each through the tiles to the signed root.
func checkLog(place, key string) (entries int, err error) {
	text, err := os.ReadFile(filepath.Join(place, "checkpoint"))
	if err != nil {
		return 0, err
	}
	tree, ok := opened(text, key)
	if !ok {
		return 0, fmt.Errorf("the checkpoint is not signed by the key")
	}
	reader := tlog.TileHashReader(tree, folder(place))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return 0, fmt.Errorf("another root: %v", err)
	}
	for first := int64(0); first < tree.N; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(min(256, tree.N-first))}
		name := strings.Replace(folder(place).path(tile), "/data/", "/entries/", 1)
		bundle, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		for i := first; i < first+int64(tile.W); i++ {
			length := int(bundle[0])<<8 | int(bundle[1])
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			path, err := tlog.ProveRecord(tree.N, i, reader)
			if err != nil {
				return 0, err
			}
			if err := tlog.CheckRecord(path, tree.N, tree.Hash, i, tlog.RecordHash(entry)); err != nil {
				return 0, fmt.Errorf("entry %d: %w", i, err)
			}
		}
		if len(bundle) > 0 {
			return 0, fmt.Errorf("bytes after the last entry")
		}
	}
	return int(tree.N), nil
}

// altered copies the published log and changes it as the vector says.
func altered(data string, v vector) string {
	to, err := os.MkdirTemp("", "golden")
	must(err)
	must(os.CopyFS(to, os.DirFS(filepath.Join(data, "log"))))
	for name, at := range v.Alter {
		content, err := os.ReadFile(filepath.Join(to, name))
		must(err)
		content[(at+len(content))%len(content)] ^= 1
		must(os.WriteFile(filepath.Join(to, name), content, 0o644))
	}
	for _, name := range v.Remove {
		must(os.Remove(filepath.Join(to, name)))
	}
	return to
}

func checkLogs(data string, vectors []vector) (checked int) {
	for _, v := range vectors {
		if v.Kind != "log" {
			continue
		}
		place := altered(data, v)
		_, err := checkLog(place, v.Key)
		must(os.RemoveAll(place))
		strangers := len(v.Fails) == 1 && v.Fails[0] == "every statement is signed by the issuer"
		expect("log "+v.Name, err == nil, len(v.Fails) == 0 || strangers)
		checked++
	}
	return checked
}

func main() {
	data := os.Args[1]
	var vectors []vector
	readJSON(filepath.Join(data, "vectors.json"), &vectors)
	fmt.Printf("proofs: %d, checkpoints: %d, logs: %d, disagreements: ",
		checkProofs(data), checkNotes(data, vectors), checkLogs(data, vectors))
	fmt.Println(wrong)
	if wrong > 0 {
		os.Exit(1)
	}
}
