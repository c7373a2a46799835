import sharp from 'sharp';
sharp.cache(false); console.log('default', sharp.concurrency(), 'set', sharp.concurrency(2), process.env.MALLOC_ARENA_MAX, process.env.VIPS_CONCURRENCY);
const run=async(name,f)=>{let t=performance.now(), c=process.cpuUsage(); await f(); c=process.cpuUsage(c); console.log(name,'wall',((performance.now()-t)/1e3).toFixed(2),'cpu',((c.user+c.system)/1e6).toFixed(2));};
await run('median',()=>sharp('/tmp/m.jpg').median(9).jpeg({optimiseCoding:false}).toFile('/tmp/o.jpg'));
await run('sharpen',()=>sharp('/tmp/m.jpg').sharpen({sigma:1}).jpeg({optimiseCoding:false}).toFile('/tmp/o.jpg'));
await run('avif',()=>sharp('/tmp/m.jpg').resize(4000).avif({effort:2}).toFile('/tmp/o.avif'));
